import { segment } from '../context';
import { count } from '../output';
import { transitionText } from '../alert-text';
import { isClosed, storyText, type Alert, type Reconciliation } from '../views';
import { watchWindow } from '../watch-window';
import { addAccounts } from '../account';
import { compareWithPlanted, comparisonText } from './compare';
import { compareAccounts } from './first-half';
import type { EmulatorState, Incident } from './emulator-client';
import { LEVELS } from './paging';
import { DemoError } from './demo-error';
import { check, eventually, type Scene } from './scene';
import { sendBatches } from './send-day';

const PATIENCE_MS = 120_000;

/** Follows an alert, telling each transition once. */
export class AlertFollower {
  private told = 0;

  constructor(
    private readonly scene: Scene,
    readonly id: string,
  ) {}

  /** Waits for a transition. @throws DemoError when it does not come in time */
  async until(what: string, holds: (alert: Alert) => boolean): Promise<Alert> {
    const { client, narrator } = this.scene;
    return eventually(this.scene, what, PATIENCE_MS, async () => {
      const alert = (await client.find<Alert>(`/v1/alerts/${segment(this.id)}`))?.body;
      if (!alert) return undefined; // the window names it a moment before it can be read
      for (const one of alert.transitions.slice(this.told)) narrator.moment(transitionText(one));
      this.told = Math.max(this.told, alert.transitions.length);
      return holds(alert) ? alert : undefined;
    });
  }
}

const has = (alert: Alert, kind: string, level: number): boolean =>
  alert.transitions.some((one) => one.kind === kind && one.level === level);

/** The page at level 1, the escalation, and the acknowledgement at level 2. */
export async function escalate(scene: Scene, window: Reconciliation): Promise<AlertFollower> {
  const { emulator, saboteur, narrator, client } = scene;
  const id = await eventually(scene, 'the window names its alert', PATIENCE_MS, async () => {
    const { alert } = await client.get<Reconciliation>(`/v1/reconciliations/${segment(window.id)}`);
    return alert ?? undefined;
  });
  const follower = new AlertFollower(scene, id);
  narrator.moment(`alert ${id}`);
  await follower.until('level 1 is paged', (alert) => has(alert, 'paged', 1));
  if (emulator) await notified(scene, 1);
  saboteur?.duringEscalation();
  await follower.until('level 2 is paged', (alert) => has(alert, 'paged', 2));
  if (emulator) await notified(scene, 2);
  await saboteur?.recovered();
  if (emulator) {
    const { dedupKey, routingKey } = await notified(scene, 2, true);
    narrator.moment('the person at level 2 acknowledges in PagerDuty');
    scene.moments.push({ at: new Date().toISOString(), who: 'person', what: 'acknowledges in PagerDuty' });
    await emulator.acknowledge({ dedupKey, routingKey });
  } else {
    narrator.moment('PagerDuty is the real one: the demo acknowledges through the API, as a person could');
    await client.post(`/v1/alerts/${segment(id)}/acknowledge`);
  }
  saboteur?.afterAcknowledgement();
  const alert = await follower.until(
    'the acknowledgement is known',
    ({ acknowledgedAt }) => acknowledgedAt !== undefined,
  );
  const via = emulator ? 'pagerduty' : 'api';
  check(
    scene,
    `the acknowledgement came ${emulator ? 'by webhook' : 'through the API'}`,
    alert.acknowledgedVia === via,
  );
  return follower;
}

/** The incident by which a level's person was called. */
async function notified(scene: Scene, level: 1 | 2, isKnown = false): Promise<Incident> {
  const routingKey = scene.paging.routingKeys.get(LEVELS[level - 1]!)!;
  return eventually(scene, `the person at level ${level} is called`, PATIENCE_MS, async () => {
    const state = await scene.emulator?.state();
    const incident = state?.incidents.find((one) => one.routingKey === routingKey);
    if (incident && !isKnown)
      scene.narrator.moment(`PagerDuty calls the person at level ${level}: "${incident.title}"`);
    return incident;
  });
}

/** The lost events arrive after all, and the window heals. */
export async function heal(scene: Scene, window: Reconciliation): Promise<Reconciliation> {
  const { client, day, narrator, saboteur, moments, signal } = scene;
  const { healingAccount, account } = day.summary;
  narrator.say(`${count(healingAccount.received)} records: what was lost, corrections, and duplicates taken back`);
  moments.push({ at: new Date().toISOString(), who: 'demo', what: 'lost events and corrections are sent' });
  saboteur?.duringHealing();
  await sendBatches(client, 'sending', day.healing(), healingAccount.received);
  narrator.moment('all of them are acknowledged');
  const told = window.story.length;
  let seen = 0;
  const healed = await watchWindow(client, window.id, {
    until: ({ state }) => isClosed(state),
    onStep: (step) => {
      if (++seen > told) narrator.moment(storyText(step));
    },
    everyMs: 200,
    signal: AbortSignal.any([signal, AbortSignal.timeout(2 * PATIENCE_MS)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error instanceof Error && error.name === 'AbortError'
      ? new DemoError('the window did not heal in time')
      : error;
  });
  check(scene, 'the window is healed', healed.state === 'healed');
  await saboteur?.recovered();
  const comparison = await compareWithPlanted(client, window.id, day.plantedAfterHealing);
  narrator.say();
  narrator.say('what is left, which was late and is told, not held against anybody:');
  narrator.say();
  narrator.say(comparisonText(comparison));
  check(scene, 'nothing but what came late is left after healing', comparison.isEqual);
  await compareAccounts(
    scene,
    addAccounts(account, healingAccount),
    'the intake account is what was generated, healing included',
  );
  return healed;
}

/** The alert is resolved by itself, and so are its incidents. */
export async function closeAlert(scene: Scene, follower: AlertFollower): Promise<Alert> {
  const { emulator, narrator } = scene;
  const alert = await follower.until('the alert is resolved', ({ state }) => state === 'resolved');
  check(scene, 'the alert was resolved because the window healed', alert.resolvedReason === 'healed');
  if (!emulator) return alert;
  const state = await eventually(scene, 'every incident in PagerDuty is resolved', PATIENCE_MS, async () => {
    const seen = await emulator.state();
    return seen.incidents.every(({ status }) => status === 'resolved') ? seen : undefined;
  });
  narrator.moment(`PagerDuty: ${state.incidents.length} incidents, all resolved`);
  countCalls(scene, state);
  return alert;
}

/** Exactly one person at each level was called, once. */
function countCalls(scene: Scene, { notifications }: EmulatorState): void {
  const { paging, narrator, moments } = scene;
  narrator.say();
  for (const [index, name] of LEVELS.entries()) {
    const calls = notifications.filter(({ routingKey }) => routingKey === paging.routingKeys.get(name));
    narrator.say(`people called at level ${index + 1}: ${calls.length}`);
    for (const { at } of calls) moments.push({ at, who: 'person', what: `is called at level ${index + 1}` });
    check(scene, `one person was called at level ${index + 1}, once`, calls.length === 1);
  }
  check(scene, 'nobody else was called', notifications.length === LEVELS.length);
}
