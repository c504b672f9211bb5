import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Stage, startStage, until } from '../workflow/stage';

const MAIN = join(__dirname, '../../dist/apps/cli/main.js');
let temporal: TemporalServer;
let stage: Stage;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  const { port } = stage.api.app.getHttpServer().address() as AddressInfo;
  environment = {
    ...process.env,
    HOLDFAST_URL: `http://127.0.0.1:${port}`,
    HOLDFAST_KEY_FILE: stage.configuration.HOLDFAST_ADMIN_KEY_FILE,
  };
  const contacts = [{ kind: 'pagerduty', routingKey: 'first' }];
  await made('/v1/people/on-call-a', { zone: 'Europe/Berlin', contacts });
  await made('/v1/people/on-call-b', { zone: 'Europe/Berlin' });
  const layer = { name: 'all', rotation: { kind: 'daily' }, handover: '09:00', start: '2020-01-01' };
  await made('/v1/on-call-schedules/rota', {
    ...{ zone: 'Europe/Berlin', owner: 'team', layers: [{ ...layer, participants: ['on-call-a'] }] },
  });
  await made('/v1/escalation-policies/ladder', {
    levels: [
      { targets: [{ kind: 'schedule', schedule: 'rota' }], acknowledgeTimeoutSeconds: 3_600 },
      {
        ...{ delaySeconds: 60, acknowledgeTimeoutSeconds: 300 },
        targets: [
          { kind: 'person', person: 'on-call-b' },
          { kind: 'pagerduty', routingKey: 'second' },
        ],
      },
    ],
  });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

async function made(path: string, body: object): Promise<void> {
  const answer = await stage.call('PUT', path, { body });
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
}
const holdfast = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env: environment }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
const asked = async (...args: string[]): Promise<any> => {
  const ran = await holdfast('--json', ...args);
  expect([ran.stderr, ran.code]).toEqual(['', 0]);
  return JSON.parse(ran.stdout);
};
const raise = (alertId: string, labels = {}): Promise<void> =>
  stage.api.app.get(AlertRaiser, { strict: false }).raise([
    {
      alert: {
        ...{ alertId, fingerprint: alertId, process: 'shop', subject: { kind: 'rule', id: 'stuck' }, policy: 'ladder' },
        ...{ severity: 'error', labels, facts: { open: 1, revision: 0 } },
      },
    },
  ]);
const paged = (id: string): Promise<unknown> =>
  until(`${id} has paged`, async () => (await stage.call('GET', `/v1/alerts/${id}`)).body.pages > 0);

test('who would be paged is told of an alert, and of one that somebody thinks of', async () => {
  await raise('who.1');
  await paged('who.1');
  const found = await asked('alerts', 'who', 'who.1');
  const contact = { kind: 'pagerduty', name: 'first' };
  expect(found).toMatchObject({
    ...{ alert: 'who.1', toldBy: 'who.1', raisedFor: { kind: 'rule', id: 'stuck' }, severity: 'error', state: 'open' },
    ...{ policy: { id: 'ladder', version: 1 }, held: null, live: { phase: 'paging', level: 1 } },
    levels: [
      { level: 1, afterSeconds: 0, targets: [{ person: 'on-call-a', destinations: [contact], nobody: null }] },
      {
        ...{ level: 2, afterSeconds: 3_660 },
        targets: [
          { person: null, destinations: [], nobody: { code: 'no_contact', reason: 'on-call-b' } },
          { person: null, destinations: [{ kind: 'pagerduty', name: 'second' }], nobody: null },
        ],
      },
    ],
  });
  const { stdout } = await holdfast('alerts', 'who', 'who.1');
  expect(stdout).toMatch(/raised by +rule stuck/);
  expect(stdout).toMatch(/1 +0 s +schedule:rota +on-call-a +first/);
  expect(stdout).toContain('(nobody: there is no way to reach on-call-b)');

  const day = 86_400_000;
  const [from, to] = [-day, day].map((ms) => new Date(Date.now() + ms).toISOString());
  const window = {
    ...{ reason: 'work', owner: 'team', matchers: [{ label: 'stage', value: 'hub' }] },
    when: { kind: 'one-off', from, to },
  };
  await made('/v1/suppression-windows/hub-work', window);
  const think = async (body: object) => stage.call('POST', '/v1/escalation-policies/ladder/would-page', { body });
  const quiet = await until('the window is known', async () => {
    const { body } = await think({ severity: 'info', labels: { stage: 'hub' } });
    return body.held && body;
  });
  expect(quiet.held).toEqual({ reason: 'window', by: 'hub-work', until: expect.any(String) });
  expect(Date.parse(quiet.held.until)).toBe(Date.parse(to!));
  expect((await think({ severity: 'info', labels: { stage: 'erp' } })).body.held).toBeNull();
  const past = await think({ severity: 'info', at: '2019-06-01T00:00:00Z' });
  expect(past.body.levels[0].targets[0].nobody).toEqual({ code: 'off_shift', reason: 'rota' });
  expect((await think({ severity: 'loud' })).status).toBe(400);
  const nowhere = await stage.call('POST', '/v1/escalation-policies/none/would-page', { body: { severity: 'info' } });
  expect(nowhere.status).toBe(404);

  await raise('muted.1', { stage: 'hub' });
  const body = { definition: window, from, to };
  const { body: muted } = await stage.call('POST', '/v1/suppression-windows/preview/alerts', { body });
  expect(muted).toMatchObject({
    alerts: [{ alert: 'muted.1', spans: [{ from: expect.any(String) }] }],
    complete: true,
  });
  expect((await holdfast('alerts', 'who', 'muted.1')).stdout).toContain('suppression window hub-work until');
});

test('responders answer in every way on the command line, and the story says so in words', async () => {
  await raise('answer.1');
  await paged('answer.1');
  const done = async (...args: string[]): Promise<string> => {
    const ran = await holdfast('alerts', ...args);
    expect([ran.stderr, ran.code]).toEqual(['', 0]);
    return ran.stdout;
  };
  await done('severity', 'answer.1', 'critical');
  await done('add-responders', 'answer.1', 'pagerduty:second');
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await done('snooze', 'answer.1', '--until', later);
  expect(await done('list', '--state', 'snoozed', '--severity', 'critical')).toContain('answer.1');
  await done('take-back', 'answer.1');
  await done('follow-policy', 'answer.1', 'ladder');
  await done('reassign', 'answer.1', 'person:on-call-a');
  const standing = await asked('alerts', 'who', 'answer.1');
  expect(standing.levels[0]).toMatchObject({ level: 0, targets: [{ person: 'on-call-a' }] });
  const story = await done('show', 'answer.1');
  for (const words of [
    'paged level 1 (on-call-a, first)',
    'severity changed to critical by admin',
    'responders added by admin',
    'snoozed by admin until',
    'pages again by admin: taken back',
    'follows ladder, version 1 by admin',
    'pages again by admin: reassigned',
  ])
    expect(story).toContain(words);
  const wrong = await holdfast('alerts', 'reassign', 'answer.1', 'somebody');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('somebody is no target')]);
});

test('watch tells each change line by line until it is interrupted', async () => {
  const child = spawn(process.execPath, [MAIN, 'alerts', 'watch', '--every', '1'], { env: environment });
  let told = '';
  child.stdout.on('data', (part: Buffer) => (told += part.toString()));
  const exited = once(child, 'exit');
  await raise('watched.1');
  await until('it is open', () => /watched\.1 {2}error {2}open .*paging level 1 until .* on-call-a/.test(told));
  expect((await holdfast('alerts', 'ack', 'watched.1')).code).toBe(0);
  await until('it is acknowledged', () => /watched\.1 {2}error {2}acknowledged .* admin/.test(told));
  expect((await holdfast('alerts', 'resolve', 'watched.1')).code).toBe(0);
  await until('it is over', () => /watched\.1 {2}error {2}over/.test(told));
  child.kill('SIGINT');
  expect((await exited)[0]).toBe(0);
});

test('the report is text, JSON and CSV', async () => {
  const month = new Date().toISOString().slice(0, 7);
  const report = await asked('alerts', 'report', '--month', month);
  expect(report.sum.alerts).toBeGreaterThanOrEqual(3);
  expect(report.bySource).toMatchObject([{ name: 'rule/stuck' }]);
  expect(report.interruptions).toMatchObject([{ person: 'on-call-a' }]);
  const { stdout: text } = await holdfast('alerts', 'report', '--month', month, '--zone', 'Europe/Berlin');
  expect(text).toContain('rule/stuck');
  const { stdout: csv } = await holdfast('alerts', 'report', '--month', month, '--csv');
  const lines = csv.split('\r\n');
  expect(lines[0]).toBe('section,name,figure,value');
  expect(lines).toContain(`all,,alerts,${report.sum.alerts}`);
  expect(lines.some((line) => line.startsWith('interruptions,on-call-a,sleep,'))).toBe(true);
  expect((await holdfast('alerts', 'report', '--month', '2026-13')).code).toBe(3);
});
