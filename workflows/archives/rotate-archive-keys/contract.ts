import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Later runs of the same go on behind a key. */
export interface Rotation {
  /** Whether the ring gets a new key first; false after somebody gave it one, or when a rotation was cut short. */
  readonly newKey: boolean;
  readonly after?: string;
  readonly wrapped?: number;
}
export interface RewrappedPage {
  /** The last key of the page; null: it was the last page. */
  readonly next: string | null;
  readonly wrapped: number;
}

/** Has a new key of the ring wrap the keys of all archives. What they seal stays as it is. @returns how many were wrapped anew */
export const rotateArchiveKeys = defineWorkflow<Rotation, number>()({
  name: 'rotateArchiveKeys',
  id: () => 'rotate-archive-keys',
  activities: {
    addKey: activity<() => Promise<void>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '1s', maximumInterval: '1m' },
      repeat: 'adds a further key, which wraps then; the other one wraps nothing',
    }),
    rewrapPage: activity<(after: string, at: Micros) => Promise<RewrappedPage>>({
      queue: 'archives',
      startToClose: '1h',
      heartbeat: '1m',
      retry: { initialInterval: '1s', maximumInterval: '1m' },
      repeat: 'wraps those that the newest key does not wrap yet',
    }),
  },
});
