import { fieldsOf } from './core/canonical';
import type { Budget, Progress } from './core/comparison';
import { LineReader } from './core/line-reader';
import type { Row } from './core/merge';
import type { Comparing } from './comparing';

/** Both in one database that joins them, with keys that are unique and not NULL: a join would multiply rows of one key, and pair no NULL. */
export async function canJoin(comparing: Comparing): Promise<boolean> {
  const { sources, columns, definition } = comparing;
  if (!sources.source.canJoin?.(sources.target) || definition.nulls === 'never_equal') return false;
  if (columns.key.some(({ source, target }) => source.column.nullable || target.column.nullable)) return false;
  const { source, target } = await comparing.uniqueKeys();
  return source && target;
}

/** Has the store join both sides, and reads what differs, in the order of keys. @throws DomainError */
export async function* joinRows(comparing: Comparing): AsyncGenerator<Progress, keyof Budget | undefined> {
  const { sources, plans, tally } = comparing;
  const rows = await sources.source.count!(plans.source);
  const reader = new LineReader(sources.source.join!(sources.target, plans));
  const keys = plans.source.key.length;
  const width = keys + plans.source.values.length;
  const before = { removed: tally.removed, changed: tally.changed };
  try {
    while (!reader.isEmpty || (await reader.fill())) {
      const [isSource, isTarget, ...fields] = fieldsOf(reader.line());
      reader.advance(reader.lineEnd());
      const row = (from: number): Row => ({
        key: fields.slice(from, from + keys),
        values: fields.slice(from + keys, from + width),
      });
      comparing.pair(isSource === '1' ? [row(0)] : [], isTarget === '1' ? [row(width)] : []);
      const over = comparing.over();
      if (over) return over;
      if (comparing.isBatch) yield await comparing.told();
    }
    tally.read(reader.bytesTaken);
    // What a tolerance lets pass was counted when it was paired, and is among these.
    tally.same = Math.max(0, rows - (tally.removed - before.removed) - (tally.changed - before.changed));
    return undefined;
  } catch (error) {
    throw comparing.explained(error);
  } finally {
    await reader.stop();
  }
}
