import { setTimeout as pause } from 'node:timers/promises';
import { applyDocuments } from '../../documents';
import type { Alert, Reconciliation } from '../../views';
import { timelineText } from '../timeline';
import { documents, maintenance, POLICY, PROCESS, SCHEDULE, WINDOW } from './documents';
import {
  alertOf,
  check,
  happened,
  inChat,
  inMail,
  monitor,
  type NightScene,
  pressInChat,
  stateIs,
  tapInMail,
  wait,
} from './scene';
import { nightOf } from './timeline';

const kinds = (alert: Alert): string[] => alert.transitions.map(({ kind }) => kind);

/** A night on call, from the documents to the timeline of the morning. */
export async function tellNight(scene: NightScene): Promise<void> {
  const { narrator, client, alerts } = scene;
  narrator.step('Who is on call, how they are reached, and what may be kept from them');
  for (const { kind, id } of await applyDocuments(client, documents())) narrator.say(`${kind.padEnd(18)} ${id}`);
  narrator.step('A feed flaps');
  await flappingFeed(scene);
  narrator.step('The CRM is being upgraded');
  await maintenanceWindow(scene);
  narrator.step('Orders get lost, and the first responder does not answer');
  await realGap(scene);
  narrator.step('The shift changes while an alert is open');
  await shiftChange(scene);
  narrator.step('The chat is down');
  await chatOutage(scene);
  narrator.step('The night, as they saw it (UTC)');
  const told = new Map<string, Alert>();
  for (const [name, id] of alerts) told.set(name, await stateIs(scene, id, 'resolved'));
  narrator.say(timelineText(nightOf(told)));
}

async function flappingFeed(scene: NightScene): Promise<void> {
  const { narrator, alerts } = scene;
  const labels = { alertname: 'FeedStalled', feed: 'carrier', severity: 'warning' };
  const seen: Alert[] = [];
  for (let round = 1; round <= 4; round++) {
    const startsAt = new Date();
    const id = await monitor(scene, labels, 'the feed of the carrier stands still', startsAt);
    alerts.set(`feed ${round}`, id);
    await wait(scene, 'the feed paged, or was kept quiet', async () => {
      const now = kinds(await alertOf(scene, id));
      return now.includes('paged') || now.includes('held') ? true : undefined;
    });
    await monitor(scene, labels, 'the feed of the carrier stands still', startsAt, true);
    const over = await stateIs(scene, id, 'resolved');
    seen.push(over);
    narrator.moment(
      `stands still for the ${round}. time: ${kinds(over).includes('held') ? 'kept quiet, it flaps' : 'on-call-a is paged'}`,
    );
  }
  check(
    scene,
    'the feed wakes on-call-a twice, then it is known to flap',
    seen.map((one) => kinds(one).filter((kind) => kind === 'paged').length).join() === '1,1,0,0',
  );
  check(
    scene,
    'each of the quiet alerts says which rule kept it quiet',
    seen
      .slice(2)
      .every(({ transitions }) => transitions.some(({ reason, by }) => reason === 'flapping' && by === 'feeds')),
  );
}

async function maintenanceWindow(scene: NightScene): Promise<void> {
  const { narrator, client, alerts } = scene;
  const seconds = 12;
  await applyDocuments(client, [maintenance(seconds)]);
  await pause(1_500); // documents are read anew each second
  narrator.moment(`${WINDOW} mutes what the CRM causes for ${seconds} s`);
  const crm = (name: string) => ({ alertname: name, system: 'crm', severity: 'critical' });
  const short = new Date();
  const healing = await monitor(scene, crm('CrmDown'), 'the CRM does not answer', short);
  const staying = await monitor(scene, crm('CrmQueue'), 'orders wait for the CRM', new Date(short.getTime() + 1));
  alerts.set('CRM down', healing).set('CRM queue', staying);
  await Promise.all([happened(scene, healing, 'held'), happened(scene, staying, 'held')]);
  await monitor(scene, crm('CrmDown'), 'the CRM does not answer', short, true);
  const healed = await stateIs(scene, healing, 'resolved');
  check(scene, 'what heals within the window wakes nobody', !kinds(healed).includes('paged'));
  const loud = await happened(scene, staying, 'paged');
  narrator.moment('the window is over: what still fires pages');
  check(
    scene,
    `what still fires pages at the end of the window, and says that ${WINDOW} had kept it quiet`,
    loud.transitions.some(({ reason, by }) => reason === 'window' && by === WINDOW),
  );
  await pressInChat(scene, 'on-call-a', staying);
  await stateIs(scene, staying, 'acknowledged');
  await monitor(scene, crm('CrmQueue'), 'orders wait for the CRM', new Date(short.getTime() + 1), true);
  narrator.moment('on-call-a presses the button in the chat');
}

/** Three orders of which the ERP never hears. */
async function realGap(scene: NightScene): Promise<void> {
  const { narrator, client, alerts } = scene;
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000);
  const at = new Date(hour.getTime() + 60_000).toISOString();
  const events = Array.from({ length: 20 }, (_, i) =>
    ['shop', 'hub', ...(i < 3 ? [] : ['erp'])].map((stage) => ({
      id: `${stage}-${i}`,
      source: stage,
      process: PROCESS,
      stage,
      key: `ORDER-${i}`,
      type: `order.${stage}`,
      occurredAt: at,
      originAt: at,
      data: { amount: 100 + i, currency: 'EUR' },
    })),
  ).flat();
  const send = (some: readonly object[]) =>
    client.sendEvents(Buffer.from(some.map((one) => JSON.stringify(one)).join('\n')), 'application/x-ndjson');
  await send(events);
  await client.post('/v1/changes', {
    id: `erp-${Date.now()}`,
    kind: 'deployment',
    state: 'occurred',
    labels: { process: PROCESS },
    title: 'ERP 4.2',
    by: 'release-bot',
  });
  const { id } = await client.post<{ readonly id: string }>('/v1/reconciliations', {
    process: PROCESS,
    from: hour.toISOString(),
    to: new Date(hour.getTime() + 3_600_000).toISOString(),
  });
  const alert = await wait(scene, 'the window has raised its alert', async () => {
    const { alert: raised } = await client.get<Reconciliation>(`/v1/reconciliations/${id}`);
    return raised ?? undefined;
  });
  alerts.set('lost orders', alert);
  await happened(scene, alert, 'paged', 2);
  narrator.moment('on-call-a sleeps on: the lead on duty is paged');
  const message = await wait(scene, 'the lead has the message', () => inChat(scene, 'lead-on-duty', alert));
  const text = JSON.stringify(message.blocks);
  narrator.say();
  narrator.say(message.text);
  check(
    scene,
    'the page says what broke, what it is worth, where it was lost, what was changed, and the runbook',
    ['3 missing', '303.00 EUR', 'hub', 'ERP 4.2', 'runbooks.example.org'].every((part) => text.includes(part)),
  );
  await pressInChat(scene, 'lead-on-duty', alert);
  const taken = await stateIs(scene, alert, 'acknowledged');
  check(scene, 'nobody is paged after the lead took it', kinds(taken).filter((kind) => kind === 'paged').length === 2);
  await send(
    events
      .filter(({ stage, key }) => stage === 'hub' && ['ORDER-0', 'ORDER-1', 'ORDER-2'].includes(key))
      .map((one) => ({ ...one, id: one.id.replace('hub', 'erp'), stage: 'erp', source: 'erp', type: 'order.erp' })),
  );
  await stateIs(scene, alert, 'resolved');
  narrator.moment('the lost orders are booked, the window heals, the alert is over');
  await wait(scene, 'the button is gone', () => {
    const now = scene.chat.messages().find(({ channel, ts }) => channel === message.channel && ts === message.ts);
    return JSON.stringify(now?.blocks).includes('"button"') ? undefined : true;
  });
}

async function shiftChange(scene: NightScene): Promise<void> {
  const { narrator, client, alerts } = scene;
  const from = new Date(Math.ceil(Date.now() / 1000) * 1000 + 6_000);
  await client.post(`/v1/on-call-schedules/${SCHEDULE}/overrides`, {
    person: 'on-call-b',
    from: from.toISOString(),
    to: new Date(from.getTime() + 8 * 3_600_000).toISOString(),
    reason: 'takes over for the morning',
  });
  const startsAt = new Date();
  const labels = { alertname: 'QueueGrows', severity: 'critical' };
  const id = await monitor(scene, labels, 'the queue of the hub grows', startsAt);
  alerts.set('queue', id);
  const told = await happened(scene, id, 'paged', 2);
  const people = told.transitions.filter(({ kind }) => kind === 'paged').map(({ person }) => person);
  narrator.moment(`first ${people[0] ?? ''} is paged, then ${people[1] ?? ''}, who has the shift from now on`);
  check(
    scene,
    'who has the next shift is paged at its beginning, the level going on',
    people.join() === 'on-call-a,on-call-b',
  );
  await pressInChat(scene, 'on-call-b', id);
  await stateIs(scene, id, 'acknowledged');
  await monitor(scene, labels, 'the queue of the hub grows', startsAt, true);
}

async function chatOutage(scene: NightScene): Promise<void> {
  const { narrator, alerts, chat, client } = scene;
  for (const one of alerts.values()) await stateIs(scene, one, 'resolved');
  await pause(1_500); // what the chat is still being told
  chat.inject({ kind: 'status', status: 503, times: 5 });
  const startsAt = new Date();
  const labels = { alertname: 'LedgerStalled', severity: 'critical' };
  const id = await monitor(scene, labels, 'the ledger stands still', startsAt);
  alerts.set('ledger', id);
  const told = await happened(scene, id, 'paged');
  narrator.moment('the chat answers 503 until its circuit opens: on-call-b is paged by mail');
  check(
    scene,
    'a channel that is down is left for the next way of the same person, and the story says so',
    kinds(told).includes('fell_back') && inMail(scene, 'on-call-b', id) !== undefined,
  );
  await tapInMail(scene, 'on-call-b', id);
  const taken = await stateIs(scene, id, 'acknowledged');
  check(scene, 'the link of the mail acknowledges with one tap', taken.acknowledgedVia === 'link');
  const policy = await client.get<{ readonly version: number }>(`/v1/escalation-policies/${POLICY}`);
  check(scene, 'the policy was never touched', policy.version === 1);
  await monitor(scene, labels, 'the ledger stands still', startsAt, true);
  await stateIs(scene, id, 'resolved');
}
