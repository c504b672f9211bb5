import type { Verification } from '@holdfast/domains/archives/core/archive';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** What came of restoring an archive for practice. */
export interface Drilled extends Verification {
  /** From the first byte asked for until its records were there and compared, in milliseconds. */
  readonly tookMs: number;
}

const short = {
  queue: 'control',
  startToClose: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '1m' },
} as const;

/** Restores for practice the archive whose last drill is the longest ago. Started by a Schedule that lets no two run at once. @returns the archive; '' when there is none */
export const drillArchives = defineWorkflow<undefined, string>()({
  name: 'drillArchives',
  id: () => 'drill-archives',
  activities: {
    choose: activity<() => Promise<string>>({
      ...short,
      repeat: 'chooses the same while nothing was drilled meanwhile',
    }),
    drill: activity<(archive: string) => Promise<Drilled>>({
      queue: 'archives',
      startToClose: '24h',
      heartbeat: '1m',
      retry: { initialInterval: '1s', maximumInterval: '5m', maximumAttempts: 20 },
      repeat: 'takes away what the first try has put there, and begins anew',
    }),
    record: activity<(archive: string, found: Drilled, at: Micros) => Promise<void>>({
      ...short,
      repeat:
        'writes the same row, which the table keeps once; the same failure has the same alert, which is raised once',
    }),
  },
});
