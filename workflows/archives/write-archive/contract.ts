import type { ArchiveRequest, Verification } from '@holdfast/domains/archives/core/archive';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Later runs of the same go on at an object. */
export interface ArchiveToWrite extends ArchiveRequest {
  readonly from?: number;
}

const bulk = {
  queue: 'archives',
  startToClose: '6h',
  heartbeat: '1m',
  retry: { initialInterval: '1s', maximumInterval: '5m' },
} as const;

/**
 * Archives a partition: writes object after object, signs the manifest, reads all of it back, and has the store keep it. One at a time of a class and period.
 * @returns what was found when it was read back
 */
export const writeArchive = defineWorkflow<ArchiveToWrite, Verification>()({
  name: 'writeArchive',
  id: ({ class: kept, period }) => `archive/${kept}/${period}`,
  activities: {
    plan: activity<(request: ArchiveRequest, at: Micros) => Promise<number>>({
      ...bulk,
      repeat: 'keeps what was decided the first time',
    }),
    writeObject: activity<(archive: string, number: number, at: Micros) => Promise<void>>({
      ...bulk,
      repeat:
        'leaves an object that is there as it is; what a try that was cut short has left is taken away at the end',
    }),
    finish: activity<(archive: string, at: Micros) => Promise<void>>({
      ...bulk,
      repeat: 'leaves a manifest that is there as it is',
    }),
    lock: activity<(archive: string) => Promise<void>>({
      ...bulk,
      repeat: 'has the store keep the same until the same time',
    }),
  },
});
