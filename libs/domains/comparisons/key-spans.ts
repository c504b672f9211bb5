import type { Key } from './core/comparison';
import type { Side } from './core/data-set';
import { LineReader } from './core/line-reader';
import type { Comparing } from './comparing';

/** No key of a store is above it: whole numbers have 64 bits. */
export const LAST_KEY = (1n << 64n) - 1n;

/** Whether the key is one whole number in both stores, so that data sets can be compared span by span. */
export const isNumbered = ({ columns: { key } }: Comparing): boolean => {
  const [column] = key;
  if (key.length !== 1 || column!.as.kind !== 'integer') return false;
  return [column!.source, column!.target].every(({ column: one }) => one.type.kind === 'integer' && !one.nullable);
};

/** The first key behind another on either side; undefined where there is none. */
export async function firstKey(comparing: Comparing, after: Key | undefined): Promise<bigint | undefined> {
  const keys = await Promise.all((['source', 'target'] as const).map((side) => firstOf(comparing, side, after)));
  const there = keys.filter((key) => key !== undefined);
  return there.length === 0 ? undefined : there.reduce(min);
}

async function firstOf(comparing: Comparing, side: Side, after: Key | undefined): Promise<bigint | undefined> {
  const plan = { ...comparing.plans[side], values: [] };
  const reader = new LineReader(comparing.sources[side].read(plan, { after, limit: 1 }));
  if (!(await reader.fill())) return undefined;
  const key = BigInt(reader.line());
  // To its end: a statement that is cut short costs the snapshot.
  reader.advance(reader.end);
  await reader.fill();
  return key;
}

export const keyOf = (number: bigint): Key => [number.toString()];
export const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
