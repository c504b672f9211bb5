import { ProblemError, type ApiClient } from '../../apps/cli/api-client';
import type { Alert, Reconciliation } from '../../apps/cli/views';
import type { EmulatorState } from './emulated-pagerduty';
import type { Saboteur } from './kill-schedule';
import { DAY, eventually, LEVELS, type Stage } from './stage';

/** An alert's story in the end, in Holdfast and in PagerDuty. */
export interface AlertPlayed {
  readonly alert: Alert;
  readonly incidents: EmulatorState['incidents'];
  readonly notifications: EmulatorState['notifications'];
  /** Places in the story of which the engine holds more than one version. */
  readonly overwritten: readonly unknown[];
  /** How many people had been called when the acknowledgement was first seen. */
  readonly calledBefore: number;
}

export interface EscalationPlayed {
  /** Of a window with a gap: acknowledged at level 2, resolved because the window healed. */
  readonly answered: AlertPlayed;
  /** A test page that nobody acknowledged until the whole ladder was run. */
  readonly unanswered: AlertPlayed;
  readonly via: 'api' | 'pagerduty';
  /** Acknowledgements whose webhook PagerDuty gave up to deliver: the person then says it to Holdfast. */
  readonly droppedWebhooks: number;
  readonly retries: number;
}

/** Long enough for a level to be paged while a process comes back, short enough for a test. */
const LEVEL_SECONDS = 5;
const REPEATS = 1;
/** Steps of the ladder in their order, as they stand in dedup keys. */
export const LADDER = Array.from({ length: REPEATS + 1 }, (_, repeat) =>
  LEVELS.map((_, index) => `L${index + 1}/R${repeat}`),
).flat();

/** Two alerts climb two levels, twice, while processes are killed. */
export async function playEscalation(stage: Stage, round: number, saboteur: Saboteur): Promise<EscalationPlayed> {
  let retries = 0;
  const api = stage.client(() => retries++);
  const policy = `fault-policy-${round}`;
  const levels = LEVELS.map((routingKey) => ({
    targets: [{ kind: 'pagerduty', routingKey }],
    acknowledgeTimeoutSeconds: LEVEL_SECONDS,
  }));
  await create(api, `/v1/escalation-policies/${policy}`, { levels, repeats: REPEATS });
  const via = round % 2 === 0 ? 'api' : 'pagerduty';
  const [answered, unanswered] = await Promise.all([
    playAnswered(stage, api, policy, round, via),
    playUnanswered(stage, api, policy),
  ]);
  await saboteur.over;
  return {
    answered: await ended(stage, api, answered.id, answered.calledBefore),
    unanswered: await ended(stage, api, unanswered.id, unanswered.calledBefore),
    via,
    droppedWebhooks: answered.droppedWebhooks,
    retries,
  };
}

interface Acknowledged {
  readonly id: string;
  readonly calledBefore: number;
}

async function playAnswered(stage: Stage, api: ApiClient, policy: string, round: number, via: 'api' | 'pagerduty') {
  const process = `fault-page-${round}`;
  await create(api, `/v1/processes/${process}`, {
    stages: [
      { id: 'shop', role: 'source' },
      { id: 'erp', role: 'target' },
    ],
    graceSeconds: 0,
    escalationPolicy: policy,
  });
  await api.sendEvents(event(process, 'shop'), 'application/json');
  const window = { process, from: `${DAY}T12:00:00Z`, to: `${DAY}T13:00:00Z` };
  const reconciliation = (await api.post<{ id: string }>('/v1/reconciliations', window)).id;
  const id = await eventually(`an alert of ${reconciliation}`, async () => {
    const { alert } = await api.get<Reconciliation>(`/v1/reconciliations/${reconciliation}`);
    return alert ?? undefined;
  });
  await eventually(`a page at level 2 of ${id}`, async () =>
    (await callsOf(stage, id)).some(({ dedupKey }) => dedupKey.endsWith('/L2/R0')) ? true : undefined,
  );
  const droppedWebhooks = await acknowledge(stage, api, id, via);
  const calledBefore = (await callsOf(stage, id)).length;
  await api.sendEvents(event(process, 'erp'), 'application/json');
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
  return { id, calledBefore, droppedWebhooks };
}

async function playUnanswered(stage: Stage, api: ApiClient, policy: string): Promise<Acknowledged> {
  const { alert: id } = await api.post<{ alert: string }>(`/v1/escalation-policies/${policy}/test`);
  await until(api, id, 'exhausted', ({ exhausted }) => exhausted);
  await acknowledge(stage, api, id, 'api');
  const calledBefore = (await callsOf(stage, id)).length;
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
  return { id, calledBefore };
}

/** Acknowledges, and waits until that is known. @returns whether the webhook of it was given up, as PagerDuty does after five tries */
async function acknowledge(
  { pagerDuty }: Stage,
  api: ApiClient,
  id: string,
  via: 'api' | 'pagerduty',
): Promise<number> {
  const bySelf = (): Promise<unknown> =>
    api.post(`/v1/alerts/${id}/acknowledge`).catch((error: unknown) => {
      // The first try of it was carried out, and its answer got lost.
      if (!(error instanceof ProblemError && error.problem.code.startsWith('alert_'))) throw error;
    });
  let dropped = 0;
  const dedupKey = `${id}/L2/R0`;
  if (via === 'api') await bySelf();
  else await pagerDuty.acknowledge(dedupKey);
  await until(api, id, 'acknowledged', async ({ state }) => {
    if (state !== 'open') return true;
    const { deliveries } = await pagerDuty.state();
    const isLost = deliveries.some(
      (one) => one.incidentKey === dedupKey && one.eventType === 'incident.acknowledged' && one.outcome === 'dropped',
    );
    if (!isLost || dropped > 0) return false;
    dropped = 1;
    await bySelf();
    return true;
  });
  return dropped;
}

/** How everything stands when nothing is left to happen: PagerDuty has processed what it took. */
async function ended(
  { pagerDuty, engine }: Stage,
  api: ApiClient,
  id: string,
  calledBefore: number,
): Promise<AlertPlayed> {
  const own = ({ dedupKey }: { dedupKey: string }): boolean => dedupKey.startsWith(`${id}/`);
  await eventually(`every incident of ${id} is resolved`, async () => {
    const { incidents } = await pagerDuty.state();
    return incidents.filter(own).every(({ status }) => status === 'resolved') ? true : undefined;
  });
  const { incidents, notifications } = await pagerDuty.state();
  const overwritten = await engine.rows(
    `SELECT seq, uniqExact(kind, at, level, repeat, target, dedup_key, code, by, via, reason) AS versions FROM alert_transitions
     WHERE alert_id = {id:String} GROUP BY seq HAVING versions != 1`,
    { id },
  );
  return {
    alert: await api.get<Alert>(`/v1/alerts/${id}`),
    incidents: incidents.filter(own),
    notifications: notifications.filter(own),
    overwritten,
    calledBefore,
  };
}

const callsOf = async ({ pagerDuty }: Stage, id: string): Promise<EmulatorState['notifications']> =>
  (await pagerDuty.state()).notifications.filter(({ dedupKey }) => dedupKey.startsWith(`${id}/`));

/** Waits for an alert, which is there a moment after it was raised. */
async function until(
  api: ApiClient,
  id: string,
  what: string,
  holds: (alert: Alert) => boolean | Promise<boolean>,
): Promise<void> {
  await eventually(`${id} is ${what}`, async () => {
    const found = await api.find<Alert>(`/v1/alerts/${id}`);
    return found && (await holds(found.body)) ? true : undefined;
  });
}

const event = (process: string, stage: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      id: `${stage}-1`,
      source: `${process}.${stage}`,
      process,
      stage,
      key: 'order-1',
      type: `order.${stage}`,
      occurredAt: `${DAY}T12:10:00Z`,
      originAt: `${DAY}T12:10:00Z`,
    }),
  );

async function create(api: ApiClient, path: string, body: object): Promise<void> {
  await api.put(path, body, undefined).catch((error: unknown) => {
    // The first try of it was carried out, and its answer got lost.
    if (!(error instanceof ProblemError && error.problem.code === 'document_exists')) throw error;
  });
}
