import type { Micros } from '@holdfast/kernel';

/** What a quarantined record's bytes are. */
export type QuarantinedForm = 'event' | 'cloud-event';

/** A record in quarantine, without what it holds. */
export interface QuarantinedItem {
  /** With the payload's hash, what names the item. Hexadecimal: 128 and 64 bits. */
  readonly identity: string;
  readonly payloadHash: string;
  readonly attempt: number;
  /** As far as it could be read, '' otherwise. */
  readonly source: string;
  readonly process: string;
  readonly form: QuarantinedForm;
  /** When it was first received. */
  readonly receivedAt: Micros;
}

/** The id of an item, as users see it. */
export const itemId = ({ identity, payloadHash }: Pick<QuarantinedItem, 'identity' | 'payloadHash'>): string =>
  `${identity}-${payloadHash}`;

/** @returns undefined when it is no item's id */
export function readItemId(id: string): Pick<QuarantinedItem, 'identity' | 'payloadHash'> | undefined {
  const [, identity, payloadHash] = /^([0-9a-f]{32})-([0-9a-f]{16})$/.exec(id) ?? [];
  return identity !== undefined && payloadHash !== undefined ? { identity, payloadHash } : undefined;
}

export type ItemState = 'open' | 'patched' | 'released' | 'discarded';
export const ITEM_STATES = ['open', 'patched', 'released', 'discarded'] as const satisfies readonly ItemState[];
/** Of items that are in quarantine still; `waiting` is either. */
export const WAITING_STATES = ['open', 'patched', 'waiting'] as const;

/** A quarantined record as stewards see it in their queue. */
export interface QueuedItem extends QuarantinedItem {
  readonly item: string;
  readonly type: string;
  readonly key: string;
  /** Who answers for it; '' for nobody. */
  readonly owner: string;
  readonly assignee: string;
  readonly state: ItemState;
  readonly code: string;
  readonly field: string;
  readonly correlationId: string;
  /** What became of one that was released; '' before. */
  readonly became: string;
  /** How often it was patched. A patch may name the version that it was made on. */
  readonly version: number;
  /** Bytes of the record as it is now. */
  readonly size: number;
}

/** What a selection is made by; what is left out does not matter. `waiting` is open or patched. */
export interface ItemFilter {
  readonly state?: ItemState | 'waiting' | undefined;
  readonly owner?: string | undefined;
  readonly assignee?: string | undefined;
  /** True for those that nobody is assigned to. */
  readonly unassigned?: boolean | undefined;
  readonly source?: string | undefined;
  readonly process?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  /** The field, or one that it is part of. */
  readonly field?: string | undefined;
  /** Occurs in the record as it came, whatever the case. */
  readonly text?: string | undefined;
  /** Ids. */
  readonly items?: readonly string[] | undefined;
}

/** Where a page of the queue begins: behind this item. */
export interface QueuePosition {
  readonly afterAt: Micros;
  readonly after: string;
}
export const QUEUE_START: QueuePosition = { afterAt: 0, after: '' };
export const positionOf = ({ receivedAt, item }: QueuedItem): QueuePosition => ({ afterAt: receivedAt, after: item });

/** What is worked on at once, since all of it is in memory: records may be of 1 MiB each. */
export interface PageBounds {
  readonly items: number;
  readonly bytes: number;
}
export interface QueuePage {
  readonly items: readonly QueuedItem[];
  /** Where the next page begins; null after the last. */
  readonly next: QueuePosition | null;
}

/**
 * The first of the items that a page may hold: one at least.
 * @param found in order; one more than a page may have shows that there are more
 */
export function boundedPage(found: readonly QueuedItem[], bounds: PageBounds): QueuePage {
  let bytes = 0;
  const end = found.findIndex(({ size }, index) => {
    bytes += size;
    return index > 0 && (index >= bounds.items || bytes > bounds.bytes);
  });
  if (end === -1) return { items: found, next: null };
  const items = found.slice(0, end);
  return { items, next: positionOf(items.at(-1)!) };
}

export const STEPS = ['assigned', 'patched', 'still_bad', 'released', 'discarded'] as const;

/** What somebody, or a replay, did with an item; what does not apply is ''. */
export interface QuarantineStep {
  readonly doneAt: Micros;
  readonly step: (typeof STEPS)[number];
  readonly doneBy: string;
  readonly assignee: string;
  /** What became of a released one. */
  readonly outcome: string;
  /** Why one is still bad, and where. */
  readonly code: string;
  readonly field: string;
  /** In the steward's words. */
  readonly reason: string;
  readonly replay: string;
}

/** How far a replay is, in items. */
export interface ReplayProgress {
  readonly released: number;
  /** Those that stay in quarantine: they still break something. */
  readonly stillBad: number;
  /** Those that had left it before. */
  readonly gone: number;
}
export const NO_PROGRESS: ReplayProgress = { released: 0, stillBad: 0, gone: 0 };

/** A replay as it is recorded. */
export interface RecordedReplay extends ReplayProgress {
  readonly state: 'running' | 'done' | 'stopped';
  /** The filter, as JSON text. */
  readonly selection: string;
  readonly askedBy: string;
  readonly askedAt: Micros;
}

/** One page of a replay. */
export interface ReplayedPage extends ReplayProgress {
  /** Where the next one begins; null after the last. */
  readonly next: QueuePosition | null;
}
