import { ProblemError, type ApiClient } from '../../apps/cli/api-client';
import type { Alert, Reconciliation } from '../../apps/cli/views';
import type { EmulatorState } from './emulated-pagerduty';
import type { Saboteur } from './kill-schedule';
import { create, DAY, eventually, LEVELS, openWindow, type Stage } from './stage';

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
  /** Acknowledged at level 2, resolved because its window healed. */
  readonly answered: AlertPlayed;
  /** Acknowledged when the whole ladder was run, then resolved by hand. */
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

/** Alerts of two windows with a gap climb two levels, twice, while processes are killed. */
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
  const raised = (process: string) => raise(stage, api, process, policy, () => retries++);
  const [answered, unanswered] = await Promise.all([
    raised(`fault-answered-${round}`).then((alert) => playAnswered(stage, api, alert, via)),
    raised(`fault-unanswered-${round}`).then((alert) => playUnanswered(stage, api, alert)),
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

/** A window with a gap raises an alert. @returns the alert's id, and how the gap is closed */
async function raise(stage: Stage, api: ApiClient, process: string, policy: string, onRetry: () => void) {
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
  const reconciliation = await openWindow(stage, window, onRetry);
  const id = await eventually(`an alert of ${reconciliation}`, async () => {
    const { alert } = await api.get<Reconciliation>(`/v1/reconciliations/${reconciliation}`);
    return alert ?? undefined;
  });
  return { id, heal: () => api.sendEvents(event(process, 'erp'), 'application/json') };
}

interface Acknowledged {
  readonly id: string;
  readonly calledBefore: number;
  readonly droppedWebhooks: number;
}

async function playAnswered(
  stage: Stage,
  api: ApiClient,
  { id, heal }: Awaited<ReturnType<typeof raise>>,
  via: 'api' | 'pagerduty',
): Promise<Acknowledged> {
  await eventually(`a page at level 2 of ${id}`, async () =>
    (await callsOf(stage, id)).some(({ dedupKey }) => dedupKey.endsWith('/L2/R0')) ? true : undefined,
  );
  const droppedWebhooks = await acknowledge(stage, api, id, via);
  const calledBefore = (await callsOf(stage, id)).length;
  await heal();
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
  return { id, calledBefore, droppedWebhooks };
}

async function playUnanswered(
  stage: Stage,
  api: ApiClient,
  { id }: Awaited<ReturnType<typeof raise>>,
): Promise<Acknowledged> {
  await until(api, id, 'exhausted', ({ exhausted }) => exhausted);
  await acknowledge(stage, api, id, 'api');
  const calledBefore = (await callsOf(stage, id)).length;
  await api.post(`/v1/alerts/${id}/resolve`).catch(unlessAnswered);
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
  return { id, calledBefore, droppedWebhooks: 0 };
}

/** The first try of it was carried out, and its answer got lost. */
function unlessAnswered(error: unknown): void {
  if (!(error instanceof ProblemError && error.problem.code.startsWith('alert_'))) throw error;
}

/** Acknowledges, and waits until that is known. @returns whether the webhook of it was given up, as PagerDuty does after five tries */
async function acknowledge(
  { pagerDuty }: Stage,
  api: ApiClient,
  id: string,
  via: 'api' | 'pagerduty',
): Promise<number> {
  const bySelf = (): Promise<unknown> => api.post(`/v1/alerts/${id}/acknowledge`).catch(unlessAnswered);
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
