import type { Owed } from '@holdfast/domains/findings/core/finding';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** What is looked at, each with a mark of how far it has come. */
export const INSPECTIONS = ['sequences', 'arrivals', 'clocks', 'checksums'] as const;
export type InspectionName = (typeof INSPECTIONS)[number];

/** Alerts that were raised and ended, by finding. */
export interface Settled {
  readonly raised: readonly { readonly finding: string; readonly alertId: string }[];
  readonly ended: readonly { readonly finding: string; readonly alertId: string }[];
}

/** Looks over what was received since the last time. Started by a Schedule that lets no two run at once: findings have one observer. */
export const inspectSources = defineWorkflow<undefined, number>()({
  name: 'inspectSources',
  id: () => 'inspect-sources',
  activities: {
    inspect: activity<(inspection: InspectionName, at: Micros) => Promise<number>>({
      queue: 'inspection',
      startToClose: '1h',
      heartbeat: '2m',
      retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
      repeat: 'goes on behind the mark; what was observed before the mark moved is the same finding again',
    }),
    owed: activity<(at: Micros) => Promise<Owed>>({
      queue: 'control',
      startToClose: '30s',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 10 },
      repeat: 'reads again',
    }),
    settle: activity<(settled: Settled, at: Micros) => Promise<void>>({
      queue: 'control',
      startToClose: '10s',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 10 },
      repeat: 'writes the same rows, which the table keeps once',
    }),
  },
});
