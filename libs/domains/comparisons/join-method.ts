import { fieldsOf } from './core/canonical';
import type { Budget, Key, Progress } from './core/comparison';
import { LineReader } from './core/line-reader';
import type { TypeKind } from './core/logical-type';
import type { Row } from './core/merge';
import type { Comparing } from './comparing';
import { firstKey, isNumbered, keyOf, LAST_KEY, max, min } from './key-spans';
import type { KeyRange } from './sources/source';

/** Keys that are joined first, and rows that each join after it should have at most: the end of each is a point to go on from. */
const FIRST_SPAN = 1n << 22n;
const SLICE_ROWS = 8_000_000;
/** What the rows of a side should take at most: a store that joins by hash writes them to its disk. A row whose size is not known is taken for a long one. */
const SLICE_BYTES = 1 << 30;
const LONG_ROW = 4_096;
/** How much longer the next span may be: there may be gaps. */
const GROWTH = 64n;

const JOINED: readonly (readonly TypeKind[])[] = [['integer', 'decimal'], ['text']];

/**
 * Both in one database that joins them, with keys that are unique and not NULL: a join would multiply rows of one key, and pair no NULL. Keys are of one type, or numbers that
 * are compared exactly.
 */
export async function canJoin(comparing: Comparing): Promise<boolean> {
  const { sources, columns, definition } = comparing;
  if (!sources.source.canJoin?.(sources.target) || definition.nulls === 'never_equal') return false;
  const joins = columns.key.every(
    ({ source: { column: a }, target: { column: b } }) =>
      !a.nullable &&
      !b.nullable &&
      (a.native === b.native || JOINED.some((kinds) => kinds.includes(a.type.kind) && kinds.includes(b.type.kind))),
  );
  if (!joins) return false;
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
  const { source, target } = comparing.sources;
  const sizes = await Promise.all([source.rowBytes?.(), target.rowBytes?.()]);
  const most = Math.ceil(SLICE_BYTES / Math.max(...sizes.map((size) => size ?? LONG_ROW)));
  let span = min(FIRST_SPAN, sliceRows(comparing, most));
  for (let low = await firstKey(comparing, after); low !== undefined;) {
    const high: bigint = min(LAST_KEY, low + span - 1n);
    const before = comparing.tally.rowsSeen;
    const partial = yield* joinRange(comparing, { spans: [{ low, high }] });
    if (partial) return partial;
    yield await comparing.told(keyOf(high));
    const over = comparing.over();
    if (over) return over;
    const rows = BigInt(Math.max(1, Math.ceil((comparing.tally.rowsSeen - before) / 2)));
    span = max(1n, min(span * GROWTH, (span * sliceRows(comparing, most)) / rows));
    low = high === LAST_KEY ? undefined : await firstKey(comparing, keyOf(high));
  }
  return undefined;
}

/** Fewer where a budget of rows would be overdrawn. */
function sliceRows({ definition: { budget }, tally }: Comparing, most: number): bigint {
  const left = budget?.rows === undefined ? SLICE_ROWS : Math.ceil((budget.rows - tally.rowsSeen) / 2);
  return BigInt(Math.max(1, Math.min(SLICE_ROWS, most, left)));
}

async function* joinRange(comparing: Comparing, range: KeyRange): AsyncGenerator<Progress, keyof Budget | undefined> {
  const { sources, plans, tally } = comparing;
  const reader = new LineReader(sources.source.join!(sources.target, plans, range));
  const keys = plans.source.key.length;
  const width = keys + plans.source.values.length;
  const before = { same: tally.same, removed: tally.removed, changed: tally.changed };
  let accounted = 0;
  const account = (): void => {
    tally.read(reader.bytesTaken - accounted);
    accounted = reader.bytesTaken;
  };
  try {
    const rows = await sources.source.count!(plans.source, range);
    while (!reader.isEmpty || (await reader.fill())) {
      const [isSource, isTarget, ...fields] = fieldsOf(reader.line());
      reader.advance(reader.lineEnd());
      const row = (from: number): Row => ({
        key: fields.slice(from, from + keys),
        values: fields.slice(from + keys, from + width),
      });
      comparing.pair(isSource === '1' ? [row(0)] : [], isTarget === '1' ? [row(width)] : []);
      account();
      const over = comparing.over();
      if (over) return over;
      if (comparing.isBatch) yield await comparing.told();
    }
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
