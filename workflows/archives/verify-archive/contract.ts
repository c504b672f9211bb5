import type { Verification } from '@holdfast/domains/archives/core/archive';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** Reads an archive back from its store to the end, and says of it what was found. */
export const verifyArchive = defineWorkflow<string, Verification>()({
  name: 'verifyArchive',
  id: (archive) => `verify-archive/${archive}`,
  activities: {
    verify: activity<(archive: string) => Promise<Verification>>({
      queue: 'archives',
      startToClose: '24h',
      heartbeat: '1m',
      retry: { initialInterval: '1s', maximumInterval: '5m' },
      repeat: 'reads it again, from the beginning',
    }),
    settle: activity<(archive: string, found: Verification, at: Micros) => Promise<void>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s' },
      repeat: 'says the same; what is said already is not said again',
    }),
  },
});
