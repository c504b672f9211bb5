import { DomainError, type Micros } from '@holdfast/kernel';
import type { VerdictState } from './window';

/** A revision of a window's verdict as it is kept. */
export interface Revision {
  readonly revision: number;
  /** Names the discrepancies that count for it. */
  readonly judgement: string;
  readonly state: VerdictState;
  /** How deep the comparison had to go. */
  readonly depth: 'digest' | 'key' | 'field';
  readonly judgedAt: Micros;
  readonly processVersion: number;
  /** Of the digests that were judged: what arrives later changes it. */
  readonly fingerprint: string;
  /** Events that count, by stage. */
  readonly stageCounts: Readonly<Record<string, number>>;
  /** Discrepancies by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Discrepancies that hold the window open and nobody has accepted. */
  readonly open: number;
  readonly accepted: number;
}

/** Nobody accepts what they have not seen. */
export const revisionChanged = (newest: number): DomainError =>
  new DomainError('conflict', 'revision_changed', `the window was judged again meanwhile: revision ${newest}`);
