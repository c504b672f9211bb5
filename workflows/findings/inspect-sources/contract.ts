import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

/** What is looked at, each with a mark of how far it has come. */
export const INSPECTIONS = ['sequences', 'arrivals', 'clocks', 'checksums'] as const;
export type InspectionName = (typeof INSPECTIONS)[number];

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
    /** Raises and ends what is owed, whoever closed the findings. @returns how many */
    settleAlerts: activity<(at: Micros) => Promise<number>>({
      queue: 'control',
      startToClose: '1m',
      retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 10 },
      repeat: 'raises and ends the same alerts again, which changes nothing, and writes the same rows',
    }),
  },
});
