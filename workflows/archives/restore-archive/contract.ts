import type { Verification } from '@holdfast/domains/archives/core/archive';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

export interface RestoreToDo {
  readonly restore: string;
  readonly archive: string;
  readonly requestedBy: string;
  readonly expiresAt: Micros;
}

const short = {
  queue: 'control',
  startToClose: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '1m' },
} as const;

/** Puts the records of an archive beside those that count, and takes them away again when their time is over, as soon as nothing holds them. */
export const restoreArchive = defineWorkflow<RestoreToDo, Verification>()({
  name: 'restoreArchive',
  id: ({ restore }) => `restore/${restore}`,
  activities: {
    begin: activity<(restore: RestoreToDo, at: Micros) => Promise<void>>({
      ...short,
      repeat: 'finds the restore and leaves it as it is',
    }),
    fill: activity<(restore: string, archive: string) => Promise<Verification>>({
      queue: 'archives',
      startToClose: '24h',
      heartbeat: '1m',
      retry: { initialInterval: '1s', maximumInterval: '5m' },
      repeat: 'takes away what the first try has put there, and begins anew',
    }),
    settle: activity<(restore: string, found: Verification, at: Micros) => Promise<void>>({
      ...short,
      repeat: 'says nothing where it was said already',
    }),
    expire: activity<(restore: string, at: Micros) => Promise<boolean>>({
      ...short,
      repeat: 'finds nothing left to take away',
    }),
  },
});
