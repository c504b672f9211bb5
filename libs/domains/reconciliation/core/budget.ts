import type { JudgementBudget } from '@holdfast/domains/catalog/core/process';

/** What a judgement has spent. */
export interface Spent {
  readonly milliseconds: number;
  /** Events in the segments that were looked at. */
  readonly rows: number;
  /** Of what the engine sent of them, in characters. */
  readonly bytes: number;
  readonly discrepancies: number;
}

export const NOTHING_SPENT: Spent = { milliseconds: 0, rows: 0, bytes: 0, discrepancies: 0 };

/** Which budget is spent, in words: `60 seconds`; undefined while none is. */
export function spentBudget(budget: JudgementBudget, spent: Spent): string | undefined {
  const { seconds, rows, bytes, discrepancies } = budget;
  if (seconds !== undefined && spent.milliseconds >= seconds * 1000) return `${seconds} seconds`;
  if (rows !== undefined && spent.rows > rows) return `${rows} rows`;
  if (bytes !== undefined && spent.bytes > bytes) return `${bytes} bytes`;
  if (discrepancies !== undefined && spent.discrepancies > discrepancies) return `${discrepancies} discrepancies`;
  return undefined;
}
