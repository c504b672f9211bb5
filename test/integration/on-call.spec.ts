import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import ICAL from 'ical.js';
import { startStage, type Answer, type Stage } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let temporal: TemporalServer;
let stage: Stage;
let url: string;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  url = `http://127.0.0.1:${(stage.api.app.getHttpServer().address() as AddressInfo).port}`;
  for (const [id, zone] of [
    ['ada', 'Europe/Berlin'],
    ['bo', 'America/New_York'],
    ['cy', 'Europe/Berlin'],
  ] as const)
    await made('PUT', `/v1/people/${id}`, { zone, ...(id === 'ada' && { name: 'Ada, first; of the "rota"' }) });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function made(method: 'PUT' | 'POST', path: string, body: object): Promise<any> {
  const answer = await stage.call(method, path, { body });
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
const layer = (over: object = {}): object => ({
  ...{ name: 'primary', rotation: { kind: 'weekly', weekday: 'monday' }, handover: '09:00', start: '2030-01-07' },
  ...{ participants: ['ada', 'bo'], ...over },
});
const schedule = (over: object = {}): object => ({ zone: 'Europe/Berlin', owner: 'team', layers: [layer()], ...over });
const span = (from: string, to: string): string => `from=${from}T00:00:00Z&to=${to}T00:00:00Z`;
/** Whole seconds from now. */
const inHours = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');

test('layers and restrictions say who has what, and where nobody has', async () => {
  const nights = layer({
    name: 'nights',
    ...{ rotation: { kind: 'daily' }, handover: '20:00', participants: ['cy'], end: '2030-01-09' },
    restrictions: [{ kind: 'day', from: '22:00', to: '06:00', days: ['monday'] }],
  });
  await made('PUT', '/v1/on-call-schedules/layered', schedule({ layers: [layer({ end: '2030-01-14' }), nights] }));
  const { items } = await get(`/v1/on-call-schedules/layered/shifts?${span('2030-01-07', '2030-01-20')}`);
  expect(items).toEqual([
    { from: '2030-01-07T08:00:00Z', to: '2030-01-07T21:00:00Z', person: 'ada' },
    { from: '2030-01-07T21:00:00Z', to: '2030-01-08T05:00:00Z', person: 'cy' },
    { from: '2030-01-08T05:00:00Z', to: '2030-01-14T08:00:00Z', person: 'ada' },
  ]);
  const gaps = await get(`/v1/on-call-schedules/layered/gaps?${span('2030-01-07', '2030-01-20')}`);
  expect(gaps.items).toEqual([
    { from: '2030-01-07T00:00:00Z', to: '2030-01-07T08:00:00Z' },
    { from: '2030-01-14T08:00:00Z', to: '2030-01-20T00:00:00Z' },
  ]);
  const at = async (time: string): Promise<unknown> => (await get(`/v1/on-call?schedule=layered&at=${time}`)).items[0];
  expect(await at('2030-01-07T22:00:00Z')).toEqual({
    ...{ schedule: 'layered', at: '2030-01-07T22:00:00Z', person: 'cy', until: '2030-01-08T05:00:00Z' },
    ...{ next: 'ada', layer: 'nights', override: null },
  });
  expect(await at('2030-01-07T00:00:00Z')).toMatchObject({ person: null, until: '2030-01-07T08:00:00Z', next: 'ada' });
  expect(await at('2030-02-01T00:00:00Z')).toMatchObject({ person: null, until: null, next: null });
  // Nobody was on call before there was a schedule.
  expect(await at('2020-01-01T00:00:00Z')).toMatchObject({ person: null });
});

test('what was is told as it was, whatever the schedule says now', async () => {
  const always = layer({ start: '2020-01-01', rotation: { kind: 'daily' }, participants: ['ada'] });
  const first = await made('PUT', '/v1/on-call-schedules/changed', schedule({ layers: [always] }));
  const body = schedule({ layers: [{ ...always, participants: ['bo'] }] });
  const { body: second } = await stage.call('PUT', '/v1/on-call-schedules/changed', {
    body,
    headers: { 'if-match': '"1"' },
  });
  const wholeSecond = (at: string, by: number): string =>
    new Date(Math.floor(Date.parse(at) / 1000 + by) * 1000).toISOString().replace('.000Z', 'Z');
  const query = `from=${wholeSecond(first.changedAt, -60)}&to=${wholeSecond(second.changedAt, 60)}`;
  const { items } = await get(`/v1/on-call-schedules/changed/shifts?${query}`);
  expect(items).toEqual([
    { from: first.changedAt, to: second.changedAt, person: 'ada' },
    { from: second.changedAt, to: wholeSecond(second.changedAt, 60), person: 'bo' },
  ]);
});

test('the newest override wins until it is withdrawn; the past and strangers are refused', async () => {
  const always = layer({ start: '2020-01-01', rotation: { kind: 'daily' }, participants: ['ada'] });
  await made('PUT', '/v1/on-call-schedules/covered', schedule({ layers: [always] }));
  expect((await get('/v1/on-call?schedule=covered')).items).toMatchObject([{ person: 'ada', until: null }]);
  const path = '/v1/on-call-schedules/covered/overrides';
  const who = async (at: string): Promise<string> =>
    (await get(`/v1/on-call?schedule=covered&at=${at}`)).items[0].person;
  const take = (person: string, from: string, to: string): Promise<any> =>
    made('POST', path, { person, from, to, reason: 'a concert' });
  const bo = await take('bo', inHours(10), inHours(20));
  const cy = await take('cy', inHours(12), inHours(14));
  const seen = (): Promise<string[]> => Promise.all([9, 11, 13, 15, 21].map((hours) => who(inHours(hours))));
  expect(await seen()).toEqual(['ada', 'bo', 'cy', 'bo', 'ada']);
  const withdrawn = await stage.call('POST', `${path}/${cy.id}/withdraw`);
  expect(withdrawn).toMatchObject({ status: 200, body: { id: cy.id, withdrawn: { by: 'admin' } } });
  expect(await seen()).toEqual(['ada', 'bo', 'bo', 'bo', 'ada']);
  expect(problem(await stage.call('POST', `${path}/${cy.id}/withdraw`))).toEqual([409, 'override_over']);
  expect(problem(await stage.call('POST', `${path}/nothing/withdraw`))).toEqual([404, 'override_not_found']);
  const { items } = await get(`${path}?limit=1`);
  expect(items).toMatchObject([{ id: cy.id, withdrawn: { by: 'admin' } }]);
  expect((await get(path)).items.map(({ id }: { id: string }) => id)).toEqual([cy.id, bo.id]);

  // The clock was two hours ahead when one was made, and has jumped back since.
  const sqlTime = (hours: number): string => inHours(hours).replace('T', ' ').replace('Z', '');
  const ahead = { schedule: 'covered', override: 'ahead', person: 'bo', reason: '', made_by: 'x', made_at: sqlTime(2) };
  const values = [{ ...ahead, from_at: sqlTime(40), to_at: sqlTime(44) }];
  await stage.sql.insert({ table: 'on_call_overrides', format: 'JSONEachRow', values });
  expect(await who(inHours(42))).toBe('bo');
  await take('cy', inHours(41), inHours(43));
  expect(await who(inHours(42))).toBe('cy');

  const body = { person: 'bo', from: inHours(1), to: inHours(2), reason: 'x' };
  const once = { body, idempotencyKey: 'the-same' };
  const [one, again] = [await stage.call('POST', path, once), await stage.call('POST', path, once)];
  expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([one.body, 'true']);
  const refused = async (over: object): Promise<unknown[]> =>
    problem(await stage.call('POST', path, { body: { ...body, ...over } }));
  expect(await refused({ from: inHours(-1) })).toEqual([
    ...[400, 'override_in_the_past', 'from: is in the past; leave it out to begin now'],
  ]);
  expect(await refused({ from: undefined, to: inHours(-1) })).toEqual([
    ...[400, 'override_in_the_past', 'to: must be in the future'],
  ]);
  expect(await refused({ from: undefined, to: inHours(24 * 40) })).toEqual([
    ...[400, 'invalid_request', 'to: must be 31 days after the beginning at most'],
  ]);
  expect(await refused({ person: 'nobody' })).toEqual([
    ...[400, 'unknown_person', 'person: does not exist; PUT it under /v1/people first'],
  ]);
  expect((await get(path)).items).toHaveLength(5);
});

test('what can be no schedule is refused by field and reason, and nothing of it is stored', async () => {
  const refused = async (over: object): Promise<unknown[]> =>
    problem(await stage.call('PUT', '/v1/on-call-schedules/bad', { body: schedule(over) }));
  const oneLayer = (over: object): Promise<unknown[]> => refused({ layers: [layer(over)] });
  expect(await oneLayer({ participants: [] })).toEqual([
    ...[400, 'invalid_request', 'layers.0.participants: has nobody: a rotation needs people'],
  ]);
  expect(await oneLayer({ participants: ['ada', 'stranger'] })).toEqual([
    ...[400, 'unknown_person', 'layers.0.participants.1: does not exist; PUT it under /v1/people first'],
  ]);
  expect(await refused({ layers: [] })).toEqual([400, 'invalid_request', 'layers: a schedule has one layer or more']);
  expect(await refused({ zone: 'Europe/Atlantis' })).toEqual([
    ...[400, 'invalid_request', 'zone: must be a zone of the IANA database such as Europe/Berlin'],
  ]);
  expect(await refused({ layers: [layer(), layer({ handover: '10:00' })] })).toEqual([
    ...[400, 'invalid_request', 'layers.1.name: is the name of an earlier layer'],
  ]);
  expect(await refused({ layers: [layer(), layer({ name: 'other' })] })).toEqual([
    ...[400, 'invalid_request', 'layers.1: says the same as an earlier layer'],
  ]);
  expect(await oneLayer({ restrictions: [{ kind: 'day', from: '08:00', to: '08:00' }] })).toEqual([
    400,
    'invalid_request',
    'layers.0.restrictions.0.to: is the same as from: the restriction never applies; leave it out for all of the time',
  ]);
  const weekend = { kind: 'week', fromDay: 'saturday', from: '00:00', toDay: 'monday', to: '00:00' };
  expect(await oneLayer({ end: '2030-01-10', restrictions: [weekend] })).toEqual([
    ...[400, 'invalid_request', 'layers.0.restrictions.0: never applies: it does not fall between start and end'],
  ]);
  expect(await oneLayer({ end: '2030-01-07' })).toEqual([400, 'invalid_request', 'layers.0.end: must be after start']);
  expect(await oneLayer({ start: '2030-02-30' })).toEqual([
    ...[400, 'invalid_request', 'layers.0.start: must be a date that exists, such as 2026-03-29'],
  ]);
  expect(await refused({ escalationPolicy: 'none' })).toEqual([
    ...[400, 'unknown_escalation_policy', 'escalationPolicy: does not exist; PUT it first'],
  ]);
  expect((await stage.call('GET', '/v1/on-call-schedules/bad')).body.code).toBe('on_call_schedule_not_found');
  const spans = await stage.call('GET', `/v1/on-call-schedules/layered/shifts?${span('2030-01-01', '2031-02-01')}`);
  expect(problem(spans)).toEqual([400, 'invalid_request', 'to: must be 370 days after from at most']);
  const nobody = await stage.call('GET', `/v1/on-call-schedules/none/gaps?${span('2030-01-01', '2030-02-01')}`);
  expect(problem(nobody)).toEqual([404, 'on_call_schedule_not_found']);
  const asleep = { zone: 'UTC', businessHours: { days: ['monday'], from: '20:00', to: '23:00' } };
  expect(problem(await stage.call('PUT', '/v1/people/bad', { body: asleep }))).toEqual([
    ...[400, 'invalid_request', 'sleepHours: overlaps businessHours'],
  ]);
});

test('fairness tells hours by what they are where people live', async () => {
  await made('PUT', '/v1/on-call-schedules/fair', schedule({ layers: [layer({ end: '2030-01-21' })] }));
  const found = await get(`/v1/on-call-schedules/fair/fairness?${span('2030-01-07', '2030-01-22')}`);
  const HOUR = 3_600;
  // A week from Monday 09:00 in Berlin: for Ada five business days; for Bo in New York it begins and ends at three in the morning.
  expect(found).toEqual({
    ...{ from: '2030-01-07T00:00:00Z', to: '2030-01-22T00:00:00Z', gapSeconds: (8 + 16) * HOUR },
    items: [
      {
        person: 'ada',
        shifts: 1,
        total: 168 * HOUR,
        business: 40 * HOUR,
        off: 35 * HOUR,
        sleep: 63 * HOUR,
        weekend: 30 * HOUR,
      },
      {
        person: 'bo',
        shifts: 1,
        total: 168 * HOUR,
        business: 40 * HOUR,
        off: 35 * HOUR,
        sleep: 63 * HOUR,
        weekend: 30 * HOUR,
      },
    ],
  });
});

const key = (): string => readFileSync(stage.configuration.HOLDFAST_ADMIN_KEY_FILE!, 'utf8').trim();

test('a calendar is read by another reader, and names a turn the same wherever it begins', async () => {
  const read = async (query: string): Promise<Map<string, string>> => {
    const path = `${url}/v1/on-call-schedules/layered/calendar.ics?${query}`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${key()}` } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
    const calendar = new ICAL.Component(ICAL.parse(await answer.text()) as unknown[]);
    const events = calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
    return new Map(
      events.map(({ uid, summary, startDate, endDate }) => [
        uid,
        `${startDate.toJSDate().toISOString()} ${endDate.toJSDate().toISOString()} ${summary}`,
      ]),
    );
  };
  const whole = await read(span('2030-01-07', '2030-01-20'));
  expect([...whole.values()]).toEqual([
    '2030-01-07T08:00:00.000Z 2030-01-07T21:00:00.000Z Ada, first; of the "rota" on call: layered',
    '2030-01-07T21:00:00.000Z 2030-01-08T05:00:00.000Z cy on call: layered',
    '2030-01-08T05:00:00.000Z 2030-01-14T08:00:00.000Z Ada, first; of the "rota" on call: layered',
  ]);
  const part = await read(span('2030-01-10', '2030-01-20'));
  expect([...part]).toEqual([...whole].slice(2));
});

test('the command line applies, asks, takes over and exports', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-on-call-'));
  try {
    const file = join(folder, 'rota.yaml');
    writeFileSync(
      file,
      `id: told
zone: UTC
owner: team
layers: [{ name: primary, rotation: { kind: custom, hours: 12 }, handover: '08:00', start: '2020-01-01', participants: [dee, ada] }]
---
kind: person
id: dee
zone: UTC
`,
    );
    const run = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [MAIN, '--url', url, '--key', key(), ...args])).stdout;
    expect(await run('on-call', 'apply', file)).toMatch(/person +dee +1 +created\non-call-schedule +told +1 +created/);
    const at = '2030-01-01T09:00:00Z';
    expect(JSON.parse(await run('--json', 'on-call', 'at', at, '--schedule', 'told'))).toMatchObject({
      ...{ schedule: 'told', person: 'dee', until: '2030-01-01T20:00:00Z', next: 'ada' },
    });
    expect(await run('on-call', 'now', '--schedule', 'told')).toMatch(/^schedule .*\ntold +(dee|ada) /);
    const days = ['--from', '2030-01-01T00:00:00Z', '--to', '2030-01-02T00:00:00Z'];
    expect(await run('on-call', 'shifts', 'told', ...days)).toContain(
      '2030-01-01T08:00:00Z  2030-01-01T20:00:00Z  dee',
    );
    expect(await run('on-call', 'gaps', 'told', ...days)).toBe('there are no gaps\n');
    await expect(run('on-call', 'gaps', 'layered', '--from', '2030-01-20T00:00:00Z')).rejects.toMatchObject({
      code: 1,
    });
    expect(await run('on-call', 'fairness', 'told', ...days)).toMatch(/dee +1 +12\.00/);
    const taken = await run('on-call', 'override', 'told', '--person', 'bo', '--to', inHours(1), '--reason', 'lunch');
    expect(taken).toMatch(/^bo has told from /);
    expect(JSON.parse(await run('--json', 'on-call', 'now', '--schedule', 'told'))).toMatchObject({ person: 'bo' });
    const { id } = JSON.parse(await run('--json', 'on-call', 'overrides', 'told'));
    expect(await run('on-call', 'withdraw', 'told', id)).toMatch(/^withdrawn at /);
    const calendar = await run('on-call', 'calendar', 'told', ...days);
    expect(calendar).toMatch(/^BEGIN:VCALENDAR\r\n[^]*SUMMARY:dee on call: told\r\n[^]*END:VCALENDAR\r\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
