import { AlertingStore, type AlertToKeep } from '@holdfast/domains/alerting/alerting.store';
import { type Happening, SEVERITIES, type Transition } from '@holdfast/domains/alerting/core/alert';
import { formatInstant, type Micros, microsOf } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import * as fc from 'fast-check';
import { type Stage, startStage } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;
let store: AlertingStore;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  store = stage.api.app.get(AlertingStore, { strict: false });
  for (const [id, zone] of [
    ['on-call-a', 'Europe/Berlin'],
    ['on-call-b', 'America/New_York'],
  ] as const)
    expect(await stage.call('PUT', `/v1/people/${id}`, { body: { zone } })).toMatchObject({ status: 200 });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const get = async (path: string): Promise<any> => {
  const answer = await stage.call('GET', path);
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
  return answer.body;
};
const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

interface Told {
  readonly alert: AlertToKeep;
  readonly story: readonly Transition[];
}
const raised = (id: string, at: Micros, over: Partial<AlertToKeep['alert']> = {}, group = ''): AlertToKeep => ({
  alert: {
    ...{ alertId: id, fingerprint: id, process: 'p', subject: { kind: 'rule', id: 'r' }, severity: 'error' },
    ...{ policy: 'on-call', labels: {}, facts: { open: 1, revision: 0 }, ...over },
  },
  ...{ policyVersion: 1, group, context: undefined, raisedAt: at },
});
async function keep(told: readonly Told[]): Promise<void> {
  await store.writeAlerts(told.map(({ alert }) => alert));
  const rows = told.flatMap(({ alert, story }) =>
    story.map((transition) => ({ alertId: alert.alert.alertId, transition })),
  );
  await store.writeTransitions(rows);
  await store.writeTransitions(rows.slice(0, 5)); // a retry repeats rows
}
const page = (person: string): Extract<Happening, { kind: 'paged' }> => ({
  ...{ kind: 'paged', person, dedupKey: 'k', level: 1, repeat: 0, target: 1 },
  destination: { kind: 'channel', channel: 'mail', person },
});
const by = 'somebody';

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom<Happening>(
    { kind: 'acknowledged', by, via: 'api', code: '', deliveryId: '' },
    { kind: 'snoozed', by, until: 0 },
    { kind: 'reopened', by: '', reason: 'woke' },
    { kind: 'reopened', by, reason: 'reassigned' },
    { kind: 'responders_added', by },
    { kind: 'severity_changed', by, reason: 'critical' },
    { kind: 'policy_changed', by, reason: 'other', revision: 2 },
    { kind: 'released' },
    { kind: 'timed_out', level: 1, repeat: 0 },
  ),
  fc.constantFrom('on-call-a', 'on-call-b', '').map(page),
  fc.constantFrom<Happening>(
    { kind: 'held', reason: 'window', by: 'w', until: 0 },
    { kind: 'held', reason: 'quiet_hours', by: 'on-call', until: 0 },
  ),
);
const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), happening), { maxLength: 8 });
const end = fc.option(
  fc.tuple(
    fc.integer({ min: 0, max: 3_000 }),
    fc.constantFrom<Happening>(
      { kind: 'resolved', by: '', reason: 'healed' },
      { kind: 'resolved', by, reason: 'manual' },
    ),
  ),
  { freq: 2 },
);
const oneAlert = fc.record({
  at: fc.integer({ min: 0, max: 20_000 }),
  severity: fc.constantFrom(...SEVERITIES),
  policy: fc.constantFrom('on-call', 'other'),
  process: fc.constantFrom('p', 'q'),
  fingerprint: fc.integer({ min: 0, max: 3 }),
  group: fc.constantFrom('', '', 'one'),
  steps,
  end,
});

/** The same figures, made the plain way from what was told. */
function model(all: readonly Told[], from: Micros, to: Micros) {
  const actsOfGroups = (key: string): Micros[] =>
    all
      .filter(({ alert }) => alert.alert.subject.kind === 'group' && alert.alert.fingerprint === key)
      .flatMap(({ story }) => story)
      .filter(({ kind }) => ['responders_added', 'severity_changed', 'policy_changed'].includes(kind))
      .map(({ at }) => at);
  const acts = ['acknowledged', 'snoozed', 'reopened', 'responders_added', 'severity_changed', 'policy_changed'];
  const own = all
    .filter(({ alert }) => alert.raisedAt >= from && alert.raisedAt < to)
    .filter(({ alert }) => !['group', 'test'].includes(alert.alert.subject.kind))
    .map(({ alert, story }) => {
      const least = (times: readonly Micros[]): Micros | undefined =>
        times.length === 0 ? undefined : Math.min(...times);
      const timesOf = (is: (one: Transition) => boolean): Micros[] => story.filter(is).map(({ at }) => at);
      const resolvedAt = least(timesOf(({ kind }) => kind === 'resolved'));
      const byPerson = timesOf((one) => [...acts, 'resolved'].includes(one.kind) && 'by' in one && one.by !== '');
      const withGroup = (alert.group === '' ? [] : actsOfGroups(alert.group)).filter(
        (at) => at >= alert.raisedAt && at <= (resolvedAt ?? Infinity),
      );
      const since = (at: Micros | undefined): number | undefined =>
        at === undefined ? undefined : (at - alert.raisedAt) / 1_000_000;
      return {
        ...{ severity: alert.alert.severity, policy: alert.alert.policy, process: alert.alert.process },
        ack: since(least(timesOf(({ kind }) => kind === 'acknowledged'))),
        engage: since(least([...byPerson, ...withGroup])),
        resolve: since(resolvedAt),
      };
    });
  const quantiles = (of: readonly (number | undefined)[]) => {
    const sorted = of.filter((one) => one !== undefined).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    return { median: sorted[Math.floor(0.5 * sorted.length)], p90: sorted[Math.floor(0.9 * sorted.length)] };
  };
  const sum = (some: typeof own) => {
    const unseen = some.filter(({ engage, resolve }) => engage === undefined && resolve !== undefined);
    const handled = some.filter(({ engage, resolve }) => engage !== undefined && resolve !== undefined);
    return {
      ...{ alerts: some.length, acknowledged: some.filter(({ ack }) => ack !== undefined).length },
      ...{ engaged: some.filter(({ engage }) => engage !== undefined).length },
      ...{ resolved: handled.length, healedUnseen: unseen.length },
      secondsToFirstAck: quantiles(some.map(({ ack }) => ack)),
      secondsToEngage: quantiles(some.map(({ engage }) => engage)),
      secondsToResolve: quantiles(handled.map(({ resolve }) => resolve)),
      secondsToHeal: quantiles(unseen.map(({ resolve }) => resolve)),
    };
  };
  const names = (of: 'severity' | 'policy' | 'process') =>
    [...new Set(own.map((one) => one[of]))]
      .map((name) => ({ name, ...sum(own.filter((one) => one[of] === name)) }))
      .sort((a, b) => b.alerts - a.alerts || (a.name < b.name ? -1 : 1));
  return {
    sum: sum(own),
    ...{ bySeverity: names('severity'), byPolicy: names('policy'), byProcess: names('process') },
  };
}

/** Seconds that each reason held, second by second. */
function heldSeconds(all: readonly Told[], from: Micros, to: Micros): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { story } of all) {
    let held: string | undefined;
    const changes = story.filter(({ kind }) =>
      ['held', 'released', 'acknowledged', 'snoozed', 'reopened', 'resolved'].includes(kind),
    );
    for (const [i, one] of changes.entries()) {
      held = one.kind === 'held' ? one.reason : undefined;
      const until = changes[i + 1]?.at ?? to;
      const seconds = (Math.min(until, to) - Math.max(one.at, from)) / 1_000_000;
      if (held !== undefined && seconds > 0) sums[held] = (sums[held] ?? 0) + seconds;
    }
  }
  return sums;
}

const months = Array.from(
  { length: 24 },
  (_, i) => `${2001 + Math.floor(i / 12)}-${`${(i % 12) + 1}`.padStart(2, '0')}`,
);

test('figures are those of a plain model, whatever happened to alerts', async () => {
  let run = 0;
  /** Of all runs: what was held in one month may go on in others. */
  const ever: Told[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(oneAlert, { maxLength: 25 }), steps, async (alerts, groupSteps) => {
      const month = months[run++]!;
      const from = microsOf(`${month}-01T00:00:00Z`);
      const story = (at: Micros, of: typeof groupSteps, last?: readonly [number, Happening] | null): Transition[] => {
        const sorted = of.toSorted(([a], [b]) => a - b).map(([after, one]) => ({ ...one, at: at + after * 1_000_000 }));
        const begun = { kind: 'raised', by: '', at } as const;
        const lastAt = sorted.at(-1)?.at ?? at;
        const over = last ? [{ ...last[1], at: lastAt + last[0] * 1_000_000 }] : [];
        return [begun, ...sorted, ...over].map((one, seq) => ({ ...one, seq }));
      };
      const key = `group~on-call~${month}`;
      const told: Told[] = alerts.map((one, i) => {
        const at = from + one.at * 1_000_000;
        const { severity, policy, process } = one;
        const fingerprint = `${month}-f${one.fingerprint}`;
        return {
          alert: raised(`${month}-${i}`, at, { severity, policy, process, fingerprint }, one.group && key),
          story: story(at, one.steps, one.end),
        };
      });
      const group: Told = {
        alert: raised(`${key}.g1`, from, { fingerprint: key, subject: { kind: 'group', id: key } }),
        story: story(from, groupSteps),
      };
      const test: Told = {
        alert: raised(`test-${month}`, from, { subject: { kind: 'test', id: 'on-call' } }),
        story: story(from, [[1, page('on-call-a')]]),
      };
      await keep([...told, group, test]);
      const found = await get(`/v1/alerting/effectiveness?month=${month}`);
      const to = microsOf(found.to);
      const all = [...told, group];
      ever.push(...all);
      expect(found).toMatchObject(model(all, from, to));

      const fingerprints = [...new Set(told.map(({ alert }) => alert.alert.fingerprint))];
      const most = fingerprints.map((fingerprint) => {
        const own = told.filter(({ alert }) => alert.alert.fingerprint === fingerprint);
        const times = own.map(({ alert }) => alert.raisedAt);
        const within = times.map((at) => times.filter((other) => other <= at && other >= at - HOUR).length);
        return { fingerprint, raised: own.length, mostInAnHour: Math.max(...within) };
      });
      expect(found.flapping).toHaveLength(most.filter(({ mostInAnHour }) => mostInAnHour >= 4).length);
      for (const one of most.filter(({ mostInAnHour }) => mostInAnHour >= 4))
        expect(found.flapping).toContainEqual(expect.objectContaining(one));

      const held = heldSeconds(ever, from, to);
      expect(Object.fromEntries(found.heldBack.map((one: any) => [one.reason, one.seconds]))).toEqual(held);

      const pages = all.flatMap(({ story: own }) => own).filter((one) => one.kind === 'paged');
      for (const person of ['on-call-a', 'on-call-b']) {
        const times = pages.filter((one) => one.person === person).map(({ at }) => at);
        let [count, began] = [0, -Infinity];
        for (const at of times.sort((a, b) => a - b)) if (at - began >= 5 * MINUTE) [count, began] = [count + 1, at];
        const own: Record<string, number> | undefined = found.interruptions.find((one: any) => one.person === person);
        expect([own?.['pages'] ?? 0, own?.['interruptions'] ?? 0]).toEqual([times.length, count]);
        if (own) expect(own['business']! + own['off']! + own['sleep']! + own['weekend']!).toBe(count);
      }
      expect(found.pagesToNobodyInParticular).toBe(pages.filter(({ person }) => person === '').length);
    }),
    { numRuns: 24 },
  );
});

test('interruptions are told by the hours of the person, pages within five minutes as one', async () => {
  const at = (time: string): Micros => microsOf(`2026-11-${time}Z`);
  const pages: readonly (readonly [string, string])[] = [
    ['on-call-a', '18T09:00:00'], // Wednesday, 10:00 in Berlin
    ['on-call-a', '18T09:04:59'],
    ['on-call-a', '18T09:05:00'], // five minutes after the first: another one
    ['on-call-a', '18T02:00:00'], // asleep
    ['on-call-a', '21T12:00:00'], // Saturday
    ['on-call-b', '18T09:00:00'], // 04:00 in New York
    ['on-call-b', '18T23:30:00'], // 18:30 there
  ];
  const story = pages
    .map(([person, time]) => ({ ...page(person), at: at(time) }))
    .map((one, i) => ({ ...one, seq: i + 1 }));
  await keep([{ alert: raised('paging', at('17T00:00:00'), { process: 'hours' }), story }]);
  const { interruptions } = await get('/v1/alerting/effectiveness?month=2026-11&process=hours');
  expect(interruptions).toEqual([
    { person: 'on-call-a', pages: 5, interruptions: 4, business: 2, off: 0, sleep: 1, weekend: 1 },
    { person: 'on-call-b', pages: 2, interruptions: 2, business: 0, off: 1, sleep: 1, weekend: 0 },
  ]);
});

test('a month is that of a zone; alert by alert, and what can be no span is refused', async () => {
  const berlin = await get('/v1/alerting/effectiveness?month=2026-11&zone=Europe/Berlin');
  expect(berlin).toMatchObject({ from: '2026-10-31T23:00:00Z', to: '2026-11-30T23:00:00Z', zone: 'Europe/Berlin' });

  const first = microsOf('2027-03-01T00:00:00Z');
  const finding = { subject: { kind: 'finding', id: 'x' }, fingerprint: 'lull.x', process: 'each' } as const;
  await keep([
    {
      alert: raised('healed', first, finding),
      story: [{ kind: 'resolved', by: '', reason: 'healed', at: first + 9e6, seq: 1 }],
    },
    {
      alert: raised('taken', first + 1, { process: 'each' }),
      story: [{ kind: 'acknowledged', by, via: 'api', code: '', deliveryId: '', at: first + 4_000_001, seq: 1 }],
    },
  ]);
  const span = `from=${formatInstant(first)}&to=2027-04-01T00:00:00Z&process=each`;
  const { items, next } = await get(`/v1/alerting/effectiveness/alerts?${span}&limit=1`);
  expect(items).toMatchObject([
    {
      id: 'taken',
      source: 'rule/r',
      secondsToFirstAck: 4,
      secondsToEngage: 4,
      secondsToResolve: null,
      healedUnseen: false,
    },
  ]);
  const rest = await get(`/v1/alerting/effectiveness/alerts?${span}&cursor=${next}`);
  expect(rest.items).toMatchObject([
    { id: 'healed', source: 'finding/lull', secondsToEngage: null, secondsToResolve: 9, healedUnseen: true },
  ]);
  expect(rest.next).toBeUndefined();
  const { neverActioned } = await get(`/v1/alerting/effectiveness?${span}`);
  expect(neverActioned).toMatchObject([{ name: 'finding/lull', alerts: 1, healedUnseen: 1 }]);

  const refused = async (query: string): Promise<unknown[]> => {
    const { status, body } = await stage.call('GET', `/v1/alerting/effectiveness?${query}`);
    return [status, ...body.errors.map(({ field, reason }: any) => `${field}: ${reason}`)];
  };
  expect(await refused('')).toEqual([
    ...[400, 'from: must be given, and to; or month', 'to: must be given, and from; or month'],
  ]);
  expect(await refused(`${span}&month=2027-03`)).toEqual([400, 'month: give either month, or from and to']);
  expect(await refused('month=2027-13')).toEqual([400, 'month: must be a month from 2000 to 2199 such as 2026-11']);
  expect(await refused('month=2027-03&zone=Europe/Atlantis')).toEqual([
    ...[400, 'zone: must be a zone of the IANA database such as Europe/Berlin'],
  ]);
  expect(await refused('from=2027-03-01T00:00:00Z&to=2027-03-01T00:00:00Z')).toEqual([400, 'to: must be after from']);
});
