import type { Micros } from '@holdfast/kernel';

/** How far a source of a stage has come, and when it was heard of last. */
export interface SourceMark {
  readonly stage: string;
  readonly source: string;
  /** The latest fact that it told of, or probed with. */
  readonly reached: Micros;
  readonly heardAt: Micros;
}

/**
 * Whether a stage has told of everything up to a time: each of its sources has come so far, or is idle: it has sent nothing for `idle`, nor since the time was over. A stage of which nobody
 * was ever heard has not; nor has one whose sources are all idle, unless one of them has come so far or they have been silent since.
 */
export function hasReached(
  marks: readonly SourceMark[],
  stage: string,
  to: Micros,
  idle: Micros,
  now: Micros,
): boolean {
  const own = marks.filter((mark) => mark.stage === stage);
  return own.length > 0 && own.every(({ reached, heardAt }) => reached >= to || now - Math.max(heardAt, to) >= idle);
}
