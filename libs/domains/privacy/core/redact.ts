/** Longest text that is shown of one value, in characters. */
const LONGEST = 64;
/** Members and elements that are shown of one value. */
const MOST = 1_000;
const DEEPEST = 64;

/** Names that Holdfast gave: no sender puts a person there. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  ...[
    'id',
    'source',
    'process',
    'stage',
    'key',
    'type',
    'occurredAt',
    'originAt',
    'timeZone',
    'correlationId',
    'traceparent',
  ],
  ...[
    'sequence',
    'attempt',
    'status',
    'test',
    'manual',
    'synthetic',
    'data',
    'specversion',
    'subject',
    'time',
    'businesskey',
    'datacontenttype',
  ],
]);

/** What kind of characters a text has, and how many: `Jane, 4711` is `Xxxx, 9999`. Nothing of a person but the form of what was written. */
export function shapeOf(text: string, longest = LONGEST): string {
  const shape = text
    .slice(0, longest)
    .replace(/\p{Nd}/gu, '9')
    .replace(/[\p{L}\p{M}\p{Nl}\p{No}]/gu, (one) => (/[\p{Lu}\p{Lt}]/u.test(one) ? 'X' : 'x'))
    .replace(/[^\x20-\x7e\n\r\t]/gu, '?');
  return text.length > longest ? `${shape}…` : shape;
}

/**
 * A value of which nothing is known, for people to look at: its structure, its member names where they are plain words, the kinds of its values, and their
 * shapes. Numbers become their shape too, as text.
 */
export function redactValue(value: unknown): unknown {
  let left = MOST;
  const visit = (of: unknown, depth: number): unknown => {
    if (of === null || typeof of === 'boolean') return of;
    if (typeof of === 'string') return shapeOf(of);
    if (typeof of === 'number') return shapeOf(String(of));
    if (typeof of !== 'object') return null;
    if (depth === DEEPEST || left <= 0) return '…';
    if (Array.isArray(of))
      return of.slice(0, Math.max(0, left)).map((one) => (left-- > 0 ? visit(one, depth + 1) : '…'));
    const members: [string, unknown][] = [];
    for (const [name, one] of Object.entries(of)) {
      if (left-- <= 0) break;
      members.push([shownName(name, members.length + 1), visit(one, depth + 1)]);
    }
    return Object.fromEntries(members);
  };
  return visit(value, 0);
}

/** A word as programs name members by; one of another form, or with many digits, may be somebody's name, address or number. */
const shownName = (name: string, place: number): string =>
  OWN_NAMES.has(name) || /^(?=.{1,40}$)[a-z][A-Za-z_]*\d{0,2}$/.test(name) ? name : `member ${place}`;

const WORDS = /"([A-Za-z]{1,20})"(?=\s*:)|\b(?:true|false|null)\b/g;

/** Bytes that are no JSON: their structure, the names that Holdfast gave, and the shape of everything else. @param longest characters that are shown */
export function redactText(bytes: Buffer, longest = 2_048): string {
  const text = bytes.toString('utf8', 0, longest * 4).slice(0, longest);
  let shown = '';
  let at = 0;
  for (const found of text.matchAll(WORDS)) {
    if (found[1] !== undefined && !OWN_NAMES.has(found[1])) continue;
    shown += shapeOf(text.slice(at, found.index), longest) + found[0];
    at = found.index + found[0].length;
  }
  shown += shapeOf(text.slice(at), longest);
  return bytes.length > longest ? `${shown}…` : shown;
}

/** A record of any kind that could not be read or checked, whatever a policy says. */
export function redact(of: unknown): unknown {
  if (!Buffer.isBuffer(of)) return redactValue(of);
  let value: unknown;
  try {
    value = JSON.parse(of.toString('utf8'));
  } catch {
    return redactText(of);
  }
  return redactValue(value);
}
