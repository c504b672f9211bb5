/**
 * What may be shown of a quarantined record: its members and the kinds of their values. Values may be personal; so may be names of members that are no plain
 * words. A record that is no JSON has a length alone.
 */
export function shapeOf(record: Buffer): unknown {
  try {
    return shape(JSON.parse(record.toString('utf8')));
  } catch {
    return `${record.length} bytes that are no JSON`;
  }
}

function shape(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return `text of ${value.length}`;
  if (typeof value === 'number') return 'number';
  if (Array.isArray(value)) return value.slice(0, MOST_SHOWN).map(shape);
  return Object.fromEntries(
    Object.entries(value as object)
      .slice(0, MOST_SHOWN)
      .map(([name, one]) => [
        /^[A-Za-z_][A-Za-z0-9_-]{0,40}$/.test(name) ? name : `name of ${name.length}`,
        shape(one),
      ]),
  );
}

const MOST_SHOWN = 100;
