import { fieldsOf } from './core/canonical';
import type { Budget, Key, Progress } from './core/comparison';
import { LineReader } from './core/line-reader';
import type { Row } from './core/merge';
import type { Comparing } from './comparing';
import { firstKey, isNumbered, keyOf, LAST_KEY, max, min } from './key-spans';
import type { KeyRange } from './sources/source';

/** Keys that are joined first, and rows that each join after it should have: the end of each is a point to go on from. */
const FIRST_SPAN = 1n << 22n;
const SLICE_ROWS = 8_000_000n;
/** How much longer the next span may be: there may be gaps. */
const GROWTH = 64n;

/** Both in one database that joins them, with keys that are unique and not NULL: a join would multiply rows of one key, and pair no NULL. */
export async function canJoin(comparing: Comparing): Promise<boolean> {
  const { sources, columns, definition } = comparing;
  if (!sources.source.canJoin?.(sources.target) || definition.nulls === 'never_equal') return false;
  if (columns.key.some(({ source, target }) => source.column.nullable || target.column.nullable)) return false;
  const { source, target } = await comparing.uniqueKeys();
  return source && target;
}

/**
 * Has the store join both sides, and reads what differs, in the order of keys: span by span where the key is one whole number, else everything at once.
 * @param after in the first case: the key to go on behind
 * @throws DomainError
 */
export async function* joinRows(
  comparing: Comparing,
  after: Key | undefined,
): AsyncGenerator<Progress, keyof Budget | undefined> {
  if (!isNumbered(comparing)) return yield* joinRange(comparing, {});
  let span = min(FIRST_SPAN, sliceRows(comparing));
  for (let low = await firstKey(comparing, after); low !== undefined;) {
    const high: bigint = min(LAST_KEY, low + span - 1n);
    const before = comparing.tally.rowsSeen;
    const partial = yield* joinRange(comparing, { spans: [{ low, high }] });
    if (partial) return partial;
    yield await comparing.told(keyOf(high));
    const over = comparing.over();
    if (over) return over;
    const rows = BigInt(Math.max(1, Math.ceil((comparing.tally.rowsSeen - before) / 2)));
    span = max(1n, min(span * GROWTH, (span * sliceRows(comparing)) / rows));
    low = high === LAST_KEY ? undefined : await firstKey(comparing, keyOf(high));
  }
  return undefined;
}

/** Fewer where a budget of rows would be overdrawn. */
function sliceRows({ definition: { budget }, tally }: Comparing): bigint {
  if (budget?.rows === undefined) return SLICE_ROWS;
  return max(1n, min(SLICE_ROWS, BigInt(Math.ceil((budget.rows - tally.rowsSeen) / 2))));
}

async function* joinRange(comparing: Comparing, range: KeyRange): AsyncGenerator<Progress, keyof Budget | undefined> {
  const { sources, plans, tally } = comparing;
  const rows = await sources.source.count!(plans.source, range);
  const reader = new LineReader(sources.source.join!(sources.target, plans, range));
  const keys = plans.source.key.length;
  const width = keys + plans.source.values.length;
  const before = { same: tally.same, removed: tally.removed, changed: tally.changed };
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
    const differing = tally.removed - before.removed + tally.changed - before.changed;
    tally.same = before.same + Math.max(0, rows - differing);
    return undefined;
  } catch (error) {
    if (comparing.isTimeUp) return 'seconds';
    throw comparing.explained(error);
  } finally {
    await reader.stop();
  }
}
