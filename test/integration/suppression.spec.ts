import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Firing, Muting } from '@holdfast/domains/suppression/core/muting';
import { ChangesService } from '@holdfast/domains/suppression/changes.service';
import { RegisterService } from '@holdfast/domains/register/register.service';
import { InhibitionSchema } from '@holdfast/domains/suppression/suppression.schemas';
import { type Facts, SuppressionService } from '@holdfast/domains/suppression/suppression.service';
import { microsOf } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Answer, type Stage, startStage } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let temporal: TemporalServer;
let stage: Stage;
let url: string;
let suppression: SuppressionService;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  url = `http://127.0.0.1:${(stage.api.app.getHttpServer().address() as AddressInfo).port}`;
  suppression = stage.api.app.get(SuppressionService, { strict: false });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function made(method: 'PUT' | 'POST', path: string, body?: object, headers = {}): Promise<any> {
  const answer = await stage.call(method, path, { ...(body && { body }), headers });
  expect([answer.body, answer.status < 300]).toEqual([answer.body, true]);
  return answer.body;
}
const get = async (path: string): Promise<any> => {
  const answer = await stage.call('GET', path);
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
  return answer.body;
};
const problem = ({ status, body }: Answer): unknown[] => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ field, reason }: { field: string; reason: string }) => `${field}: ${reason}`),
];
const is = (label: string, value: string, op = '=') => ({ label, op, value });
const window = (when: object, over: object = {}): object => ({
  ...{ reason: 'maintenance', owner: 'erp-team', matchers: [is('process', 'p')], when, ...over },
});
const HOUR = 3_600_000_000;
const now = (): number => Date.now() * 1000;
const time = (hours: number): string =>
  new Date(Math.floor(Date.now() / 1000 + hours * 3_600) * 1000).toISOString().replace('.000Z', 'Z');
const firing = (labels: object, over: Partial<Firing> = {}): Firing => ({
  ...{
    alertId: 'a.1',
    raisedAt: now(),
    labels: { severity: 'error', process: 'p', policy: 'on-call', subject: 'finding', ...labels },
  },
  ...over,
});

/** What alerting would tell, and what of it was asked for. */
function facts(open: readonly Firing[] = [], raises: readonly number[] = []): Facts & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    openAlerts: () => (asked.push('open'), Promise.resolve(open)),
    raisedSince: (from) => (asked.push('raises'), Promise.resolve(raises.filter((at) => at >= from).length)),
  };
}
/** Documents of another process are seen after a second; those of this one at once. */
const muting = (alert: Firing, at = now(), known: Facts = facts()): Promise<Muting | undefined> =>
  suppression.muting(alert, at, known);

test('a one-off window mutes what matches until it ends, or is ended; who ended it is in its history', async () => {
  const [from, to] = [time(-1), time(1)];
  await made(
    'PUT',
    '/v1/suppression-windows/upgrade',
    window(
      { kind: 'one-off', from, to },
      { matchers: [is('process', 'upgraded'), is('severity', 'err.*|warning', '=~')] },
    ),
  );
  const alert = firing({ process: 'upgraded' });
  const known = facts();
  expect(await muting(alert, now(), known)).toEqual({ kind: 'window', by: 'upgrade', until: microsOf(to) });
  expect(known.asked).toEqual([]);
  expect(await muting(alert, microsOf(to))).toBeUndefined();
  expect(await muting(alert, microsOf(from) - 1)).toBeUndefined();
  expect(await muting(firing({ process: 'upgraded', severity: 'critical' }))).toBeUndefined();
  expect(await muting(firing({}))).toBeUndefined();
  const { items } = await get('/v1/suppression-windows/active');
  expect(items).toEqual([
    {
      id: 'upgrade',
      version: 1,
      reason: 'maintenance',
      owner: 'erp-team',
      kind: 'one-off',
      since: from,
      until: to,
      latest: to,
      change: null,
    },
  ]);
  const ended = await made('POST', '/v1/suppression-windows/upgrade/end');
  expect(ended).toMatchObject({ version: 2, changedBy: 'admin', when: { kind: 'one-off', from } });
  expect(Date.parse(ended.when.to)).toBeLessThanOrEqual(Date.now());
  expect(await muting(alert)).toBeUndefined();
  expect((await get('/v1/suppression-windows/active')).items).toEqual([]);
  expect(problem(await stage.call('POST', '/v1/suppression-windows/upgrade/end'))).toEqual([409, 'window_not_active']);
  expect(problem(await stage.call('POST', '/v1/suppression-windows/nothing/end'))).toEqual([
    404,
    'suppression_window_not_found',
  ]);
});

test('a recurring window is previewed, mutes, and is switched off', async () => {
  const when = {
    kind: 'recurring',
    zone: 'Europe/Berlin',
    start: '2029-01-01T22:00',
    durationSeconds: 14_400,
    rrule: 'FREQ=MONTHLY;BYDAY=3TU',
  };
  const span = { from: '2030-03-01T00:00:00Z', to: '2030-05-01T00:00:00Z' };
  const expected = {
    occurrences: [
      { from: '2030-03-19T21:00:00Z', to: '2030-03-20T01:00:00Z', change: null },
      { from: '2030-04-16T20:00:00Z', to: '2030-04-17T00:00:00Z', change: null },
    ],
    complete: true,
  };
  expect(await made('POST', '/v1/suppression-windows/preview', { definition: window(when), ...span })).toEqual(
    expected,
  );
  await made('PUT', '/v1/suppression-windows/patch-day', window(when, { matchers: [is('process', 'patched')] }));
  expect(await made('POST', '/v1/suppression-windows/preview', { id: 'patch-day', ...span })).toEqual(expected);
  const alert = firing({ process: 'patched' });
  const during = microsOf('2030-04-16T22:00:00Z');
  expect(await muting(alert, during)).toEqual({
    kind: 'window',
    by: 'patch-day',
    until: microsOf('2030-04-17T00:00:00Z'),
  });
  expect(await muting(alert, microsOf('2030-04-17T00:00:00Z'))).toBeUndefined();
  expect(
    await suppression.preview(
      (await get('/v1/suppression-windows/patch-day')) as never,
      microsOf(span.from),
      microsOf(span.to),
      [
        {
          ...alert,
          alertId: 'within',
          raisedAt: microsOf('2030-03-19T22:00:00Z'),
          endedAt: microsOf('2030-03-19T23:00:00Z'),
        },
        { ...alert, alertId: 'still-open', raisedAt: microsOf('2030-04-16T23:00:00Z') },
        {
          ...alert,
          alertId: 'outside',
          raisedAt: microsOf('2030-03-21T22:00:00Z'),
          endedAt: microsOf('2030-03-21T23:00:00Z'),
        },
        { ...firing({}), alertId: 'of-another', raisedAt: microsOf('2030-03-19T22:00:00Z') },
      ],
    ),
  ).toEqual([
    { alertId: 'within', spans: [{ from: microsOf('2030-03-19T22:00:00Z'), to: microsOf('2030-03-19T23:00:00Z') }] },
    {
      alertId: 'still-open',
      spans: [{ from: microsOf('2030-04-16T23:00:00Z'), to: microsOf('2030-04-17T00:00:00Z') }],
    },
  ]);
  expect(problem(await stage.call('POST', '/v1/suppression-windows/patch-day/end'))).toEqual([
    409,
    'window_not_one_off',
  ]);
  await made(
    'PUT',
    '/v1/suppression-windows/patch-day',
    window(when, { matchers: [is('process', 'patched')], enabled: false }),
    { 'if-match': '"1"' },
  );
  expect(await muting(alert, during)).toBeUndefined();
});

test('a deployment opens a window when it is told, and closes it a little after it ended', async () => {
  const when = {
    kind: 'deployment',
    changes: [is('service', 'erp'), is('kind', 'deployment|migration', '=~')],
    afterSeconds: 600,
    maxSeconds: 7_200,
  };
  await made('PUT', '/v1/suppression-windows/erp-deploys', window(when, { matchers: [is('process', 'deployed')] }));
  const alert = firing({ process: 'deployed' });
  expect(await muting(alert)).toBeUndefined();
  const told = { kind: 'deployment', labels: { service: 'erp', env: 'prod' } };
  await made('POST', '/v1/changes', { id: 'shop-1', ...told, state: 'started', labels: { service: 'shop' } });
  expect(await muting(alert)).toBeUndefined();
  const first = await made('POST', '/v1/changes', {
    id: 'erp-1',
    ...told,
    state: 'started',
    title: 'build 1',
    at: time(-0.5),
  });
  expect(first).toMatchObject({
    state: 'started',
    endedAt: null,
    labels: { service: 'erp', env: 'prod' },
    reports: [{ state: 'started', reportedBy: 'admin' }],
  });
  expect(await muting(alert)).toEqual({ kind: 'window', by: 'erp-deploys', until: undefined });
  expect((await get('/v1/suppression-windows/active')).items).toMatchObject([
    { id: 'erp-deploys', since: first.startedAt, until: null, change: 'erp-1' },
  ]);
  // Told again, also with another time: it stays as it was.
  expect(await made('POST', '/v1/changes', { id: 'erp-1', ...told, state: 'started' })).toEqual(first);
  const last = await made('POST', '/v1/changes', { id: 'erp-1', kind: 'deployment', state: 'finished' });
  expect(last).toMatchObject({
    state: 'finished',
    title: 'build 1',
    startedAt: first.startedAt,
    labels: { service: 'erp', env: 'prod' },
  });
  const end = microsOf(last.endedAt) + 600_000_000;
  expect(await muting(alert)).toEqual({ kind: 'window', by: 'erp-deploys', until: end });
  expect(await muting(alert, end)).toBeUndefined();
  const span = { from: time(-2), to: time(2) };
  expect(
    (await made('POST', '/v1/suppression-windows/preview', { id: 'erp-deploys', ...span })).occurrences,
  ).toMatchObject([{ from: first.startedAt, change: 'erp-1' }]);
});

test('changes are listed by time and labels, page by page, and refused where they contradict themselves', async () => {
  const tell = (id: string, over: object): Promise<any> =>
    made('POST', '/v1/changes', { id, kind: 'configuration', state: 'occurred', labels: { team: 'listed' }, ...over });
  for (const hour of [1, 2, 3, 4])
    await tell(`c-${hour}`, {
      at: `2031-01-01T0${hour}:00:00Z`.replace('2031', '2024'),
      labels: { team: 'listed', odd: String(hour % 2) },
    });
  const path = '/v1/changes?from=2024-01-01T00:00:00Z&to=2024-01-01T04:00:00Z';
  const ids = async (query: string): Promise<string[]> =>
    (await get(`${path}${query}`)).items.map(({ id }: { id: string }) => id);
  expect(await ids('')).toEqual(['c-3', 'c-2', 'c-1']);
  expect(await ids('&match=odd=1')).toEqual(['c-3', 'c-1']);
  expect(await ids('&match=odd!=1&match=team=listed')).toEqual(['c-2']);
  expect(await ids('&kind=deployment')).toEqual([]);
  const page = await get(`${path}&limit=2`);
  expect(page.items.map(({ id }: { id: string }) => id)).toEqual(['c-3', 'c-2']);
  expect(await ids(`&limit=2&cursor=${page.next}`)).toEqual(['c-1']);
  const changes = stage.api.app.get(ChangesService, { strict: false });
  const recent = await changes.recent(
    { team: 'listed', odd: '1', process: 'p' },
    microsOf('2024-01-01T00:00:00Z'),
    microsOf('2024-01-02T00:00:00Z'),
    1,
  );
  expect(recent.map(({ id }) => id)).toEqual(['c-3']);
  const refused = async (body: object): Promise<unknown[]> =>
    problem(
      await stage.call('POST', '/v1/changes', {
        body: { id: 'c-1', kind: 'configuration', state: 'finished', ...body },
      }),
    );
  expect(await refused({ kind: 'deployment', labels: { odd: '2' } })).toEqual([
    409,
    'change_differs',
    'kind: was configuration before',
    'labels.odd: had another value before',
  ]);
  expect(await refused({ at: time(1) })).toEqual([
    400,
    'change_in_the_future',
    'at: is in the future; leave it out for now',
  ]);
  expect(await refused({ labels: { kind: 'x' } })).toEqual([
    400,
    'invalid_request',
    'labels: must not have kind: that is the kind of the change',
  ]);
  expect(await refused({ link: 'javascript:alert(1)' })).toEqual([
    400,
    'invalid_request',
    'link: must be an address with http or https',
  ]);
  expect((await get('/v1/changes/c-1')).reports).toHaveLength(1);
  expect(problem(await stage.call('GET', '/v1/changes/nothing'))).toEqual([404, 'change_not_found']);
  expect(problem(await stage.call('GET', `${path}&match=odd=~1`))).toEqual([
    400,
    'invalid_request',
    'match: must be label=value or label!=value',
  ]);
});

test('an open alert inhibits others; a cycle is refused with its rules', async () => {
  const usual = { source: [is('severity', 'critical')], target: [is('severity', 'warning')], equal: ['process'] };
  await made('PUT', '/v1/inhibition-rules/usual', usual);
  const [critical, warning] = [
    firing({ severity: 'critical' }, { alertId: 'a.1' }),
    firing({ severity: 'warning' }, { alertId: 'b.1' }),
  ];
  const known = facts([critical, warning]);
  expect(await muting(warning, now(), known)).toEqual({ kind: 'inhibition', by: 'usual', until: undefined });
  expect(known.asked).toEqual(['open']);
  const others = facts([critical, warning]);
  expect(await muting(critical, now(), others)).toBeUndefined();
  expect(others.asked).toEqual([]);
  const cycle = { source: [is('severity', 'warning'), is('subject', 'finding')], target: [is('severity', 'critical')] };
  expect(problem(await stage.call('PUT', '/v1/inhibition-rules/reversed', { body: cycle }))).toEqual([
    ...[400, 'inhibition_cycle'],
    'target: an alert could be a target of each of these rules and a source of the next: reversed -> usual -> reversed',
  ]);
  expect(problem(await stage.call('GET', '/v1/inhibition-rules/reversed'))).toEqual([404, 'inhibition_rule_not_found']);
  await made('PUT', '/v1/inhibition-rules/reversed', { ...cycle, enabled: false });
  expect(await muting(warning, now(), facts([critical]))).toMatchObject({ by: 'usual' });
});

test('rules that close a cycle which nobody saw do not mute', async () => {
  const register = stage.api.app.get(RegisterService, { strict: false });
  const kind = { kind: 'inhibition-rule', body: InhibitionSchema };
  const rule = (source: string, target: string) =>
    InhibitionSchema.parse({ source: [is('unseen', source)], target: [is('unseen', target), is('severity', 'info')] });
  const [one, other] = [
    firing({ unseen: 'x', severity: 'info' }, { alertId: 'x' }),
    firing({ unseen: 'y', severity: 'info' }, { alertId: 'y' }),
  ];
  await register.change(kind, 'unseen-a', rule('x', 'y'), 'none', 'somebody', now());
  expect(await muting(other, now(), facts([one, other]))).toMatchObject({ by: 'unseen-a' });
  // As two changes at the same time do.
  await register.change(kind, 'unseen-b', rule('y', 'x'), 'none', 'somebody', now());
  expect(await muting(other, now(), facts([one, other]))).toBeUndefined();
  expect(await muting(one, now(), facts([one, other]))).toBeUndefined();
});

/** Every way in which the three may mute: who is asked first answers, and what an answer does not need is not asked for. */
describe('a window goes before inhibition, that before flapping', () => {
  beforeAll(async () => {
    await made(
      'PUT',
      '/v1/suppression-windows/order',
      window({ kind: 'one-off', from: time(-1), to: time(1) }, { matchers: [is('w', '1')] }),
    );
    await made('PUT', '/v1/inhibition-rules/order', {
      source: [is('cause', '1'), is('severity', 'critical')],
      target: [is('i', '1'), is('cause', '1', '!=')],
    });
    await made('PUT', '/v1/flapping-rules/order', {
      matchers: [is('f', '1')],
      raises: 2,
      withinSeconds: 60,
      calmSeconds: 60,
    });
  });
  test.each([
    ['0', '0', '0', undefined, []],
    ['0', '0', '1', 'flapping', ['raises']],
    ['0', '1', '0', 'inhibition', ['open']],
    ['0', '1', '1', 'inhibition', ['open']],
    ['1', '0', '0', 'window', []],
    ['1', '0', '1', 'window', []],
    ['1', '1', '0', 'window', []],
    ['1', '1', '1', 'window', []],
  ])('window %s, inhibition %s, flapping %s: %s', async (w, i, f, kind, asked) => {
    const at = now();
    const known = facts([firing({ cause: '1', severity: 'critical' }, { alertId: 'cause' })], [at, at]);
    const found = await muting(firing({ w, i, f, process: 'ordered' }, { raisedAt: at }), at, known);
    expect([found?.kind, found?.by]).toEqual([kind, kind && 'order']);
    expect(known.asked).toEqual(asked);
  });
});

test('what comes and goes is muted until it stays', async () => {
  await made('PUT', '/v1/flapping-rules/noisy', {
    matchers: [is('process', 'flapping')],
    raises: 3,
    withinSeconds: 3_600,
    calmSeconds: 300,
  });
  const at = now();
  const alert = firing({ process: 'flapping' }, { raisedAt: at });
  const minutes = (count: number): number => at - count * 60_000_000;
  const seen = (raises: readonly number[], then = at): Promise<Muting | undefined> =>
    muting(alert, then, facts([], raises));
  expect(await seen([at, minutes(20), minutes(40)])).toEqual({
    kind: 'flapping',
    by: 'noisy',
    until: at + 300_000_000,
  });
  expect(await seen([at, minutes(20), minutes(61)])).toBeUndefined();
  expect(await seen([at, minutes(20), minutes(40)], at + 300_000_000)).toBeUndefined();
  // Counted from when it was raised: being open does not make it calmer.
  expect(await seen([at, minutes(20), minutes(59)], at + 240_000_000)).toMatchObject({ by: 'noisy' });
  // By our clock, which jumped back by an hour, it is not raised yet.
  expect(await seen([at, minutes(20), minutes(40)], at - HOUR)).toBeUndefined();
});

test.each<[string, object, string, string]>([
  [
    'a rule that never occurs',
    {
      kind: 'recurring',
      zone: 'Europe/Berlin',
      start: '2029-01-01T22:00',
      durationSeconds: 60,
      rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    },
    'unusable_window',
    'when.rrule: does not occur within ten years of start',
  ],
  [
    'a rule of hours',
    { kind: 'recurring', zone: 'Europe/Berlin', start: '2029-01-01T22:00', durationSeconds: 60, rrule: 'FREQ=HOURLY' },
    'invalid_request',
    'when.rrule: FREQ must be DAILY or rarer: use BYHOUR and BYMINUTE for times of a day',
  ],
  [
    'an unknown zone',
    { kind: 'recurring', zone: 'Europe/Atlantis', start: '2029-01-01T22:00', durationSeconds: 60, rrule: 'FREQ=DAILY' },
    'invalid_request',
    'when.zone: must be a time zone of IANA, such as Europe/Berlin',
  ],
  [
    'a day that does not exist',
    { kind: 'recurring', zone: 'UTC', start: '2029-02-29T22:00', durationSeconds: 60, rrule: 'FREQ=DAILY' },
    'invalid_request',
    'when.start: must be a local time that exists, from 2000 to 2199, such as 2027-03-16T22:00',
  ],
  [
    'an end before the beginning',
    { kind: 'one-off', from: '2030-01-01T10:00:00Z', to: '2030-01-01T11:00:00+02:00' },
    'invalid_request',
    'when.to: must be after from',
  ],
  [
    'a local time without its zone',
    { kind: 'one-off', from: '2030-01-01T10:00', to: '2030-01-01T12:00:00Z' },
    'invalid_request',
    'when.from: must be an RFC 3339 date-time with an offset, from 2000 to 2199; or give the zone',
  ],
  [
    'an hour that is skipped',
    { kind: 'one-off', zone: 'Europe/Berlin', from: '2030-03-31T02:10', to: '2030-03-31T02:50' },
    'unusable_window',
    'when.to: is when the clocks skip from and to: the window would not happen',
  ],
])('%s is refused', async (_, when, code, fault) => {
  expect(problem(await stage.call('PUT', '/v1/suppression-windows/wrong', { body: window(when) }))).toEqual([
    400,
    code,
    fault,
  ]);
  expect(problem(await stage.call('GET', '/v1/suppression-windows/wrong'))).toEqual([
    404,
    'suppression_window_not_found',
  ]);
});

test('patterns that could take long, and windows for everything that do not say so, are refused', async () => {
  const when = { kind: 'one-off', from: time(1), to: time(2) };
  const put = async (matchers: object[]): Promise<unknown[]> =>
    problem(await stage.call('PUT', '/v1/suppression-windows/wrong', { body: window(when, { matchers }) }));
  expect(await put([is('process', '(a+)+', '=~')])).toEqual([
    400,
    'unusable_window',
    expect.stringMatching(/^matchers\.0\.value: takes exponential/),
  ]);
  expect(await put([is('process', '(', '=~')])).toEqual([
    400,
    'invalid_request',
    'matchers.0.value: is not a regular expression',
  ]);
  expect(await put([])).toEqual([400, 'invalid_request', expect.stringMatching(/^matchers: must be one or more/)]);
  expect(problem(await stage.call('PUT', '/v1/suppression-windows/active', { body: window(when) }))).toEqual([
    400,
    'invalid_request',
    'id: is the name of a route',
  ]);
});

test('responders may mute and not define rules; senders may tell of changes and see nothing', async () => {
  const statuses = async (role: string): Promise<number[]> => {
    const principal = { id: `the-${role}`, kind: 'machine', roles: [role] };
    const { key: secret } = await made('POST', '/v1/keys', { principal });
    const as = { authorization: `Bearer ${secret}` };
    const when = { kind: 'one-off', from: time(-1), to: time(1) };
    const rule = { source: [is('team', 'a')], target: [is('team', 'b'), is('severity', 'warning')] };
    const change = { id: `by-${role}`, kind: 'other', state: 'occurred' };
    const answers = [
      await stage.call('PUT', `/v1/suppression-windows/by-${role}`, {
        body: window(when, { matchers: [is('team', 'a')] }),
        headers: as,
      }),
      await stage.call('PUT', `/v1/inhibition-rules/by-${role}`, { body: { ...rule, enabled: false }, headers: as }),
      await stage.call('POST', '/v1/changes', { body: change, headers: as }),
      await stage.call('GET', '/v1/changes', { headers: as }),
    ];
    return answers.map(({ status }) => status);
  };
  expect(await statuses('operator')).toEqual([200, 200, 200, 200]);
  expect(await statuses('responder')).toEqual([200, 403, 403, 200]);
  expect(await statuses('viewer')).toEqual([403, 403, 403, 200]);
  expect(await statuses('sender')).toEqual([403, 403, 200, 403]);
});

const key = (): string => readFileSync(stage.configuration.HOLDFAST_ADMIN_KEY_FILE!, 'utf8').trim();

test('the command line applies, previews and ends windows, and tells of changes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-suppression-'));
  try {
    const run = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [MAIN, '--url', url, '--key', key(), ...args])).stdout;
    const file = join(folder, 'windows.yaml');
    writeFileSync(
      file,
      `id: cli-window\nreason: a test\nowner: team\nmatchers: [{ label: process, value: cli }]\nwhen: { kind: one-off, from: '${time(-1)}', to: '${time(1)}' }\n`,
    );
    expect(await run('suppressions', 'preview', '--file', file, '--from', time(-2))).toContain(time(-1).slice(0, 13));
    expect(await run('suppressions', 'apply', file)).toContain('created');
    expect(await run('suppressions', 'list')).toContain('process=cli');
    expect(await run('suppressions', 'active')).toContain('cli-window');
    expect(await run('suppressions', 'end', 'cli-window')).toContain('cli-window ended at');
    expect(await run('suppressions', 'active')).not.toContain('cli-window');
    expect(
      await run('changes', 'tell', 'cli-1', '--state', 'started', '--label', 'service=cli', '--title', 'build 9'),
    ).toContain('deployment cli-1: started');
    expect(await run('changes', 'list', '--match', 'service=cli', '--match', 'service!=erp')).toContain('build 9');
    expect(await run('changes', 'show', 'cli-1')).toContain('told by admin');
    expect(await run('suppressions', 'inhibitions', 'list')).toContain('severity=critical');
    expect(await run('suppressions', 'flapping', 'list')).toContain('3600 s');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
