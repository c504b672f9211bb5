import type { IncidentStep } from '@holdfast/domains/alerting/core/incident';
import { activity, defineWorkflow } from '@holdfast/platform/workflow-kit';

// About three hours: nobody is paged by it, and who has no right to see an incident never will.
const PATIENT = { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 200 } as const;

/** What PagerDuty's REST API is asked and told after something happened to an alert. Apart from the escalation, which never waits for it. */
export const followIncident = defineWorkflow<IncidentStep, undefined>()({
  name: 'followIncident',
  id: ({ alertId, seq }) => `incident/${alertId}/${seq}`,
  activities: {
    link: activity<(dedupKey: string) => Promise<undefined>>({
      queue: 'outbound',
      startToClose: '30s',
      retry: PATIENT,
      repeat: 'looks again, and replaces the row by the same one',
    }),
    note: activity<(of: Pick<IncidentStep, 'alertId' | 'seq'>) => Promise<undefined>>({
      queue: 'outbound',
      startToClose: '5m',
      heartbeat: '45s',
      retry: PATIENT,
      repeat: 'puts the note to those incidents that do not have it yet',
    }),
  },
});
