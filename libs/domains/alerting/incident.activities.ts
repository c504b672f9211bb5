import { Inject } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { IncidentsClient, type PagerDutyIncident, restProblem } from '@holdfast/platform/pagerduty';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { followIncident } from '@holdfast/workflows/alerting/follow-incident/contract';
import { Context } from '@temporalio/activity';
import { AlertingStore } from './alerting.store';
import { type IncidentStep, noteOf } from './core/incident';
import { IncidentStore } from './incident.store';

/** Incidents that get a note, the latest ones: those of earlier repeats of a long ladder say nothing new. */
const MOST_NOTED = 50;

/** Asks and tells PagerDuty's REST API. One for each process: the rate is counted here. */
@Implements(followIncident)
export class IncidentActivities implements ActivitiesOf<typeof followIncident> {
  private readonly client: IncidentsClient | undefined;

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    private readonly alerts: AlertingStore,
    private readonly incidents: IncidentStore,
  ) {
    const { HOLDFAST_PAGERDUTY_TOKEN: token, HOLDFAST_PAGERDUTY_FROM: from } = configuration;
    if (token !== undefined)
      this.client = new IncidentsClient({ baseUrl: configuration.HOLDFAST_PAGERDUTY_API_URL, token, from });
  }

  async link(dedupKey: string): Promise<undefined> {
    if (this.client) await this.incidentOf(this.client, dedupKey);
  }

  async note({ alertId, seq }: Pick<IncidentStep, 'alertId' | 'seq'>): Promise<undefined> {
    if (!this.client) return;
    const transitions = await this.alerts.transitions(alertId);
    const noted = transitions.find((one) => one.seq === seq);
    if (!noted) return;
    const pages = transitions.filter((one) => one.seq < seq && one.kind === 'paged' && one.routingKey !== '');
    const keys = [...new Set(pages.map(({ dedupKey }) => dedupKey))].slice(-MOST_NOTED);
    const known = await this.incidents.incidents(keys);
    const failures: DomainError[] = [];
    for (const key of keys) {
      Context.current().heartbeat();
      await this.put(this.client, key, known.get(key), noteOf(alertId, noted), failures);
    }
    const failure = failures.find(({ kind }) => kind === 'unavailable') ?? failures[0];
    if (failure) throw failure;
  }

  /** One incident that takes no note keeps none of the others from it. */
  private async put(
    client: IncidentsClient,
    dedupKey: string,
    known: PagerDutyIncident | undefined,
    content: string,
    failures: DomainError[],
  ): Promise<void> {
    try {
      const { id } = known ?? (await this.incidentOf(client, dedupKey));
      await restProblem(() => client.note(id, content));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failures.push(error);
    }
  }

  /** @throws DomainError `unavailable` while PagerDuty has not made it yet */
  private async incidentOf(client: IncidentsClient, dedupKey: string): Promise<PagerDutyIncident> {
    const found = await restProblem(() => client.find(dedupKey));
    if (!found)
      throw new DomainError('unavailable', 'pagerduty_incident_missing', 'PagerDuty shows no incident of the page', {});
    await this.incidents.write(dedupKey, found);
    return found;
  }
}
