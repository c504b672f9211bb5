import type { CallFault, Look, ProbeOutcome, ProbePlan } from '@holdfast/domains/synthetics/core/probe';
import type { Micros } from '@holdfast/kernel';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

const short = {
  queue: 'control',
  startToClose: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
} as const;

/**
 * Sends one probe along a path and sees whether it gets through. Started by the Schedule of its synthetic transaction, which lets no two run at once and appends
 * the time to the id; its instant is when it began. @returns that instant; null for one that is disabled
 */
export const probePath = defineWorkflow<string, Micros | null>()({
  name: 'probePath',
  id: (synthetic) => `probe-path/${synthetic}`,
  activities: {
    begin: activity<(synthetic: string, at: Micros) => Promise<ProbePlan | null>>({
      ...short,
      repeat: 'the row of a probe under way is written again, and kept once',
    }),
    send: activity<(synthetic: string, version: number, at: Micros, stage: string) => Promise<CallFault>>({
      ...short,
      queue: 'outbound',
      repeat: 'intake takes an event of this id once',
    }),
    look: activity<(synthetic: string, version: number, at: Micros) => Promise<Look>>({
      ...short,
      queue: 'outbound',
      repeat: 'reads again',
    }),
    record: activity<(synthetic: string, version: number, at: Micros, outcome: ProbeOutcome) => Promise<void>>({
      ...short,
      repeat: 'the same row is kept once',
    }),
    settle: activity<(synthetic: string, at: Micros) => Promise<boolean>>({
      ...short,
      repeat: 'the same failures have the same alert, which is raised and ended once',
    }),
  },
});
