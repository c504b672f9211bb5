import type { Micros } from '@holdfast/kernel';

/** What happened under one key, oldest first. */
export interface ClaimRow {
  readonly claim: string;
  readonly state: 'claimed' | 'answered' | 'released';
  readonly request_hash: string;
  readonly status: number;
  readonly answer: string;
  readonly at: Micros;
}

export type Standing =
  | { readonly is: 'ours' }
  | { readonly is: 'answered'; readonly status: number; readonly answer: string }
  | { readonly is: 'other_request' }
  | { readonly is: 'in_use'; readonly untilMicros: Micros };

/** How long a call that was killed keeps its key. While it runs it renews its claim every third of this. */
export const CLAIM_MICROS = 45_000_000;

/**
 * Where a call stands after its claim is stored. Everyone claims before looking, so of two calls at the same time at least one sees the other, and
 * whoever sees another gives up: never do both go on. That both give up is possible, and mended by repeating.
 * @param rows everything under the key
 */
export function standing(rows: readonly ClaimRow[], mine: string, requestHash: string, now: Micros): Standing {
  const answered = rows.find(({ state }) => state === 'answered');
  // A renewal is a further row of the same claim.
  const released = new Set(rows.filter(({ state }) => state === 'released').map(({ claim }) => claim));
  const others = rows.filter(({ claim, state }) => claim !== mine && state === 'claimed' && !released.has(claim));
  const first = answered ?? others[0];
  if (first && first.request_hash !== requestHash) return { is: 'other_request' };
  if (answered) return { is: 'answered', status: answered.status, answer: answered.answer };
  const live = others.filter(({ at }) => at + CLAIM_MICROS > now);
  if (live.length > 0) return { is: 'in_use', untilMicros: Math.max(...live.map(({ at }) => at)) + CLAIM_MICROS };
  return { is: 'ours' };
}
