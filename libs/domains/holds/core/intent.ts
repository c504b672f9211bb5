import type { Micros } from '@holdfast/kernel';

/**
 * `open`: something may be deleted now. `done`: it was. `failed`: nothing was. `unclear`: the deletion may have taken place, and cannot any more. `expired`: so for another process, which
 * has fenced it off.
 */
export const INTENT_STEPS = ['open', 'done', 'failed', 'unclear', 'expired'] as const;
export type IntentStep = (typeof INTENT_STEPS)[number];

/** What a process is about to delete: rows of one partition. */
export interface DeletionIntent {
  readonly intent: string;
  readonly table: string;
  /** As the engine names it. Of records: number of the class, `-`, month of receipt. */
  readonly partition: string;
  /** The class of the rows; '' where they have none. */
  readonly class: string;
  /** The table that the deletion needs: without it, it cannot take effect any more. */
  readonly fence: string;
  /** How long it may take, in seconds: after that it is fenced off. */
  readonly seconds: number;
  readonly owner: string;
  /** For people; nothing is decided by it, since clocks are set back. */
  readonly at: Micros;
}

/** Table by which the deletion is fenced; also where rows wait that stay. */
export const fenceOf = (intent: string): string => `deletion_${intent}`;
export const isFence = (name: string): boolean => /^deletion_[0-9a-f]{32}$/.test(name);
