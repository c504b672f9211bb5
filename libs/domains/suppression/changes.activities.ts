import { Inject } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type ChangeEvent, eventProblem, EventsClient } from '@holdfast/platform/pagerduty';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { announceChange, type ToldState } from '@holdfast/workflows/suppression/announce-change/contract';
import { ChangeAnnouncer } from './change-announcer.service';
import { ChangesService } from './changes.service';
import { ChangesStore } from './changes.store';
import { type Change, KIND_LABEL } from './core/change';

/** Time for one try, waiting for a turn in the rate limit included, in ms. */
const TRY_MS = 20_000;

/** Tells PagerDuty of changes. */
@Implements(announceChange)
export class ChangesActivities implements ActivitiesOf<typeof announceChange> {
  private readonly client: EventsClient;

  constructor(
    @Inject(CONFIGURATION) { HOLDFAST_PAGERDUTY_URL: baseUrl }: Configuration,
    private readonly announcer: ChangeAnnouncer,
    private readonly changes: ChangesService,
    private readonly store: ChangesStore,
  ) {
    this.client = new EventsClient({ baseUrl, maxAttempts: 1, deadlineMs: TRY_MS });
  }

  async announce({ change: id, state }: ToldState): Promise<undefined> {
    const { routingKey } = this.announcer;
    if (routingKey === undefined || (await this.store.isAnnounced(id, state))) return;
    const event = eventOf(await this.changes.change(id), state);
    await eventProblem(() => this.client.change({ routingKey, ...event }));
    await this.store.noteAnnounced(id, state, Date.now() * 1000);
  }
}

/** What PagerDuty shows beside incidents. */
function eventOf(change: Change, state: ToldState['state']): Omit<ChangeEvent, 'routingKey'> {
  const { [KIND_LABEL]: kind, ...labels } = change.labels;
  const at = change.reports.find((one) => one.state === state)?.at ?? change.startedAt;
  return {
    summary: `${change.title || `${change.kind} ${change.id}`}: ${state.replace('_', ' ')}`,
    source: labels['service'] || 'holdfast',
    timestamp: formatInstant(at),
    customDetails: { ...labels, change: change.id, kind, state, ...(change.by !== '' && { by: change.by }) },
    ...(change.link !== '' && { links: [{ href: change.link, text: 'Change' }] }),
  };
}
