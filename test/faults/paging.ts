import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../apps/cli/api-client';
import type { Alert } from '../../apps/cli/views';
import { type EmulatedChannels, type Post, WEBHOOK } from './emulated-channels';
import type { EmulatorState } from './emulated-pagerduty';
import type { Saboteur, Strike } from './kill-schedule';
import { alertOf, named, nothingRuns, post, respond, until } from './responding';
import { create, eventually, LEVELS, type Stage } from './stage';

/** An alert's story in the end, and what people got of it. */
export interface AlertTold {
  readonly alert: Alert;
  /** Messages of Slack, and mails, in their order. */
  readonly messages: readonly Post[];
  /** Messages of Slack that say in the end what became of the alert. */
  readonly edited: number;
  /** Keys that the receiver of webhooks took: pages, and what became of them. */
  readonly webhooks: Readonly<Record<'raised' | 'resolved', readonly string[]>>;
  readonly notifications: EmulatorState['notifications'];
  readonly incidents: EmulatorState['incidents'];
}

export interface PagingPlayed {
  /** Nobody answers: Slack, then a webhook, then PagerDuty. */
  readonly climbed: AlertTold;
  /** Snoozed until it woke, acknowledged, taken back, reassigned, acknowledged, and healed. */
  readonly answered: AlertTold;
  /** Kept quiet by a window that ends while the worker is dead. */
  readonly held: AlertTold & Held;
  readonly group: AlertTold;
  readonly members: readonly (Alert & { readonly group?: string })[];
  readonly retries: number;
}

interface Held {
  /** When the window ends. */
  readonly until: string;
  /** Messages just before that. */
  readonly early: number;
}

/** Long enough for a level to be paged while a process comes back, short enough for a test. */
const LEVEL_SECONDS = 4;
const PATIENT_SECONDS = 3_600;
const SNOOZE_MS = 4_000;
/** From the beginning of `holdBack` to that of the round. */
const PREPARATION_MS = 6_000;
/** How long before the window's end the worker is killed: it takes longer than that to come back. */
const DEAD_FOR_MS = 300;
const MEMBERS = 5;

const person = (id: string) => ({ kind: 'person', person: id });
const webhook = { kind: 'channel', channel: WEBHOOK };
const level = (target: object, acknowledgeTimeoutSeconds: number) => ({ targets: [target], acknowledgeTimeoutSeconds });
const pagerDuty = (routingKey: string) => ({ kind: 'pagerduty', routingKey });

/** What all rounds use. */
export async function preparePaging({ client }: Stage, channels: EmulatedChannels): Promise<void> {
  const api = client();
  await channels.introduce(api);
  const policies = {
    'paging-climbs': {
      levels: [person('on-call-a'), webhook, pagerDuty(LEVELS[0])].map((one) => level(one, LEVEL_SECONDS)),
    },
    'paging-answers': { levels: [level(person('on-call-b'), PATIENT_SECONDS)] },
    'paging-held': { levels: [level(person('on-call-c'), PATIENT_SECONDS)] },
    'paging-groups': {
      levels: [level(webhook, LEVEL_SECONDS), level(pagerDuty(LEVELS[1]), PATIENT_SECONDS)],
      group: { by: ['round'], waitSeconds: 1, intervalSeconds: PATIENT_SECONDS },
    },
  };
  for (const [id, policy] of Object.entries(policies)) await create(api, `/v1/escalation-policies/${id}`, policy);
}

/**
 * Before processes are killed: raises an alert that a window keeps quiet, which ends just after the last kill of the worker. Returns when the round is to begin, for
 * that to be so.
 */
export async function holdBack(
  { client }: Stage,
  round: number,
  schedule: readonly Strike[],
): Promise<{ until: string }> {
  const api = client();
  const begins = Date.now() + PREPARATION_MS;
  const lastKill = schedule.filter((one) => one.name === 'worker').at(-1)!;
  const to = new Date(begins + lastKill.atMs + DEAD_FOR_MS).toISOString();
  await create(api, `/v1/suppression-windows/paging-${round}`, {
    reason: 'a round of faults',
    owner: 'faults',
    matchers: [{ label: 'alertname', value: heldIn(round) }],
    when: { kind: 'one-off', from: new Date(Date.now() - 60_000).toISOString(), to },
  });
  await post(api, 'paging-held', [{ name: heldIn(round) }]);
  const { id } = await named(api, heldIn(round));
  await until(api, id, 'held', ({ transitions }) => transitions.some(({ kind }) => kind === 'held'));
  await pause(Math.max(0, begins - Date.now()));
  return { until: to };
}

const heldIn = (round: number): string => `held-${round}-`;

/** Alerts are paged by all kinds of channels, and people do with them what people do, while processes are killed. */
export async function playPaging(
  stage: Stage,
  channels: EmulatedChannels,
  round: number,
  held: { readonly until: string },
  saboteur: Saboteur,
): Promise<PagingPlayed> {
  let retries = 0;
  const api = stage.client(() => retries++);
  const [climbed, answered, early, group] = await Promise.all([
    playClimbed(stage, api, `climbs-${round}-`),
    playAnswered(stage, api, `answers-${round}-`),
    playHeld(stage, api, channels, heldIn(round), Date.parse(held.until)),
    playGroup(stage, api, channels, round),
  ]);
  await saboteur.over;
  const heldId = (await named(api, heldIn(round))).id;
  await nothingRuns(stage, [climbed, answered, heldId, group.key]);
  const told = (id: string, name: string): Promise<AlertTold> => toldOf(stage, api, channels, id, name);
  return {
    climbed: await told(climbed, `climbs-${round}-`),
    answered: await told(answered, `answers-${round}-`),
    held: { ...(await told(heldId, heldIn(round))), ...held, early },
    group: {
      ...(await told(group.id, `group-${round}-`)),
      // Of all that ever stood for the group: it is one.
      webhooks: { raised: channels.taken(group.key, 'raised'), resolved: channels.taken(group.key, 'resolved') },
    },
    members: await Promise.all(group.members.map((id) => alertOf(api, id))),
    retries,
  };
}

const has = (kind: string) => (alert: Alert) => alert.transitions.some((one) => one.kind === kind);
const isAcknowledged = ({ state }: Alert): boolean => state === 'acknowledged';
const acknowledge = (stage: Stage, id: string): Promise<Alert> =>
  respond(stage, id, 'acknowledge', () => undefined, isAcknowledged);

async function heal(api: ApiClient, policy: string, name: string, id: string): Promise<void> {
  await post(api, policy, [{ name }], true);
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
}

async function playClimbed(stage: Stage, api: ApiClient, name: string): Promise<string> {
  await post(api, 'paging-climbs', [{ name }]);
  const { id } = await named(api, name);
  await until(api, id, 'at the end of its ladder', has('exhausted'));
  await acknowledge(stage, id);
  await heal(api, 'paging-climbs', name, id);
  return id;
}

async function playAnswered(stage: Stage, api: ApiClient, name: string): Promise<string> {
  await post(api, 'paging-answers', [{ name }]);
  const { id } = await named(api, name);
  const reopenedBy = (reason: string) => (alert: Alert) =>
    alert.transitions.some((one) => one.kind === 'reopened' && one.reason === reason);
  await until(api, id, 'paged', isPagedInItsRun);
  const snoozed = () => ({ until: new Date(Date.now() + SNOOZE_MS).toISOString() });
  await respond(stage, id, 'snooze', snoozed, has('snoozed'));
  await until(api, id, 'awake', (alert) => reopenedBy('woke')(alert) && isPagedInItsRun(alert));
  await acknowledge(stage, id);
  await respond(stage, id, 'take-back', () => undefined, reopenedBy('taken_back'));
  await until(api, id, 'paged again', isPagedInItsRun);
  await respond(stage, id, 'reassign', () => ({ targets: [webhook] }), reopenedBy('reassigned'));
  await until(api, id, 'paged to whom it was given', isPagedInItsRun);
  await acknowledge(stage, id);
  await heal(api, 'paging-answers', name, id);
  return id;
}

/** Whatever pages again begins a run. */
const isPagedInItsRun = ({ transitions }: Alert): boolean => {
  const runs = transitions.filter(({ kind }) => kind === 'reopened').length;
  return transitions.some(({ kind, repeat }) => kind === 'paged' && repeat === runs);
};

/** @returns how many messages there were just before the window ended */
async function playHeld(
  stage: Stage,
  api: ApiClient,
  channels: EmulatedChannels,
  name: string,
  ends: number,
): Promise<number> {
  await pause(Math.max(0, ends - 50 - Date.now()));
  const early = channels.posts(name).length;
  const { id } = await named(api, name);
  await until(api, id, 'paged', has('paged'));
  await acknowledge(stage, id);
  await heal(api, 'paging-held', name, id);
  return early;
}

async function playGroup(stage: Stage, api: ApiClient, channels: EmulatedChannels, round: number) {
  const alerts = Array.from({ length: MEMBERS }, (_, i) => ({
    name: `member-${round}-${i}`,
    labels: { round: `${round}` },
  }));
  await post(api, 'paging-groups', alerts.slice(0, 2));
  await post(api, 'paging-groups', alerts.slice(2));
  const members = await Promise.all(alerts.map(({ name }) => named(api, name)));
  const key = members[0]!.group!;
  const page = await eventually(`a page of ${key}`, () => Promise.resolve(channels.taken(key, 'raised')[0]));
  const id = page.slice(0, page.indexOf('/'));
  await until(api, id, 'paged at level 2', ({ transitions }) =>
    transitions.some((one) => one.kind === 'paged' && one.level === 2),
  );
  await acknowledge(stage, members[0]!.id);
  await until(api, id, 'acknowledged', isAcknowledged);
  for (const { id: member } of members) await until(api, member, 'acknowledged', isAcknowledged);
  await post(api, 'paging-groups', alerts, true);
  await until(api, id, 'resolved', ({ state }) => state === 'resolved');
  return { id, key, members: members.map((one) => one.id) };
}

/** How everything stands when nothing is left to happen. */
async function toldOf(
  { pagerDuty }: Stage,
  api: ApiClient,
  channels: EmulatedChannels,
  id: string,
  name: string,
): Promise<AlertTold> {
  const own = ({ dedupKey }: { dedupKey: string }): boolean => dedupKey.startsWith(`${id}/`);
  await eventually(`every incident of ${id} is resolved`, async () => {
    const { incidents } = await pagerDuty.state();
    return incidents.filter(own).every(({ status }) => status === 'resolved') ? true : undefined;
  });
  const { incidents, notifications } = await pagerDuty.state();
  return {
    alert: await alertOf(api, id),
    messages: [...channels.posts(name), ...channels.mails(name)],
    edited: channels.edited(name),
    webhooks: { raised: channels.taken(id, 'raised'), resolved: channels.taken(id, 'resolved') },
    notifications: notifications.filter(own),
    incidents: incidents.filter(own),
  };
}
