import { createHash, createPublicKey, verify } from 'node:crypto';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { type Answer, HOUR, processOn, startStage, until, type Stage } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, {
    HOLDFAST_CONNECTORS: 'shop=http://127.0.0.1:9/replays,bare=http://127.0.0.1:9/x?a=b',
    HOLDFAST_CONNECTOR_SECRETS: 'shop=secret',
    HOLDFAST_STATEMENT_KEYS: `old=${Buffer.alloc(32, 1).toString('base64')},new=${Buffer.alloc(32, 2).toString('base64')}`,
  });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const problem = (status: number, code: string, field?: string) => ({
  status,
  body: { code, ...(field !== undefined && { errors: [{ field }] }) },
});
const put = (path: string, body: unknown, headers = {}) => stage.call('PUT', path, { body, headers });

describe('a resolution rule', () => {
  const ACCEPT = { kind: 'accept', reason: 'known' };
  beforeAll(() => processOn(stage, 'ruled'));

  it('is a versioned document: created, read with its ETag, changed, and its history kept', async () => {
    const rule = { match: { processes: ['ruled'], kinds: ['missing'] }, action: ACCEPT, enabled: false };
    const made = await put('/v1/resolution-rules/known', rule);
    expect(made).toMatchObject({ status: 200, body: { id: 'known', version: 1, priority: 100 } });
    expect((await put('/v1/resolution-rules/known', { ...rule, priority: 5 })).status).toBe(428);
    const etag = made.headers.get('etag')!;
    const changed = await put('/v1/resolution-rules/known', { ...rule, priority: 5 }, { 'if-match': etag });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, priority: 5 } });
    const { items } = (await stage.call('GET', '/v1/resolution-rules/known/history')).body;
    expect(items.map(({ version, priority }: Record<string, number>) => [version, priority])).toEqual([
      [2, 5],
      [1, 100],
    ]);
    expect((await stage.call('GET', '/v1/resolution-rules')).body.items).toHaveLength(1);
    expect(await stage.call('GET', '/v1/resolution-rules/unknown')).toMatchObject(
      problem(404, 'resolution_rule_not_found'),
    );
  });

  it.each<[string, object, object, string, string]>([
    ['a pattern that could take for ever', { keyPattern: '^(a+)+$' }, ACCEPT, 'unusable_rule', 'match.keyPattern'],
    ['what is no pattern', { keyPattern: '(' }, ACCEPT, 'unusable_rule', 'match.keyPattern'],
    ['a process that does not exist', { processes: ['ruled', 'x'] }, ACCEPT, 'unusable_rule', 'match.processes.1'],
    ['a policy that does not exist', {}, { kind: 'escalate', policy: 'x' }, 'unusable_rule', 'action.policy'],
    [
      'no policy where the process has none',
      { processes: ['ruled'] },
      { kind: 'escalate' },
      'unusable_rule',
      'action.policy',
    ],
    ['a connector that is not configured', {}, { kind: 'replay', connector: 'x' }, 'unusable_rule', 'action.connector'],
    ['a connector without a secret', {}, { kind: 'replay', connector: 'bare' }, 'unusable_rule', 'action.connector'],
    ['a kind that holds nothing open', { kinds: ['late'] }, ACCEPT, 'invalid_request', 'match.kinds.0'],
    ['bounds the wrong way round', { count: { least: 2, most: 1 } }, ACCEPT, 'invalid_request', 'match.count.most'],
    ['no reason', {}, { kind: 'accept', reason: ' ' }, 'invalid_request', 'action.reason'],
    ['an action that is none', {}, { kind: 'forget' }, 'invalid_request', 'action.kind'],
    ['what is not known', { colour: 'red' }, ACCEPT, 'invalid_request', 'match.colour'],
  ])('is refused with %s, and nothing is stored', async (_, match, action, code, field) => {
    const answer = await put('/v1/resolution-rules/wrong', { match, action });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(field);
    expect((await stage.call('GET', '/v1/resolution-rules/wrong')).status).toBe(404);
  });
});

describe('a process', () => {
  it('with a deadline for windows needs somebody to page', async () => {
    const stages = [
      { id: 'a', role: 'source' },
      { id: 'b', role: 'target' },
    ];
    expect(await put('/v1/processes/late', { stages, resolveWithinSeconds: 3600 })).toMatchObject(
      problem(400, 'invalid_request', 'resolveWithinSeconds'),
    );
  });
});

describe('a decision', () => {
  const select = { process: 'decided', from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  beforeAll(() => processOn(stage, 'decided'));
  const propose = (body: object, idempotencyKey?: string) =>
    stage.call('POST', '/v1/decisions', { body, ...(idempotencyKey && { idempotencyKey }) });

  it.each<[string, object, string, string]>([
    [
      'no process of that id',
      { action: 'accept', reason: 'x', select: { ...select, process: 'no' } },
      'unknown_process',
      'select.process',
    ],
    [
      'no such window',
      { action: 'accept', reason: 'x', select: { process: 'decided', reconciliation: 'x' } },
      'unknown_window',
      'select.reconciliation',
    ],
    ['no time to come back', { action: 'ignore', reason: 'x', select }, 'invalid_request', 'expiresAt'],
    [
      'a time that is over',
      { action: 'ignore', reason: 'x', select, expiresAt: '2020-01-01T00:00:00Z' },
      'invalid_request',
      'expiresAt',
    ],
    [
      'a time to come back for what is accepted',
      { action: 'accept', reason: 'x', select, expiresAt: '2100-01-01T00:00:00Z' },
      'invalid_request',
      'expiresAt',
    ],
    [
      'neither window nor time',
      { action: 'accept', reason: 'x', select: { process: 'decided' } },
      'invalid_request',
      'select.reconciliation',
    ],
    ['no reason', { action: 'accept', reason: '', select }, 'invalid_request', 'reason'],
  ])('is refused with %s', async (_, body, code, field) => {
    const answer = await propose(body);
    expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([400, code, field]);
    expect((await stage.call('GET', '/v1/decisions?process=decided')).body.items).toEqual([]);
  });

  it('is made once, however often it is sent, and takes effect on nothing where nothing is open', async () => {
    const body = { action: 'accept', reason: 'x', select };
    const first = await propose(body, 'decision-1');
    expect(first.status).toBe(202);
    expect((await propose(body, 'decision-1')).body).toEqual(first.body);
    const made = await until('it was applied', async () => {
      const [found] = (await stage.call('GET', '/v1/decisions?process=decided')).body.items as Answer['body'][];
      return found.state === 'applied' && found;
    });
    expect(made).toMatchObject({ id: first.body.id, decided: { windows: 0, discrepancies: 0 }, select });
    expect(await stage.call('POST', `/v1/decisions/${first.body.id}/approve`, { body: {} })).toMatchObject(
      problem(409, 'decision_closed'),
    );
    expect(await stage.call('POST', '/v1/decisions/unknown/approve', { body: {} })).toMatchObject(
      problem(404, 'decision_not_found'),
    );
  });
});

describe('who may', () => {
  it.each<[string, 'GET' | 'POST' | 'PUT', string, number]>([
    ['viewer', 'GET', '/v1/resolution-rules', 200],
    ['viewer', 'PUT', '/v1/resolution-rules/x', 403],
    ['viewer', 'POST', '/v1/decisions', 403],
    ['responder', 'POST', '/v1/decisions/x/approve', 403],
    ['viewer', 'POST', '/v1/reporting-gates/2026-11/statements', 403],
    ['responder', 'PUT', '/v1/reporting-gates/definitions/x', 403],
    ['sender', 'GET', '/v1/reporting-gates/2026-11', 403],
    ['sender', 'GET', '/v1/verdict-exports', 403],
  ])('%s %s %s: %i', async (role, method, url, status) => {
    const body = { principal: { id: `only-${role}`, kind: 'machine', roles: [role] } };
    const { key } = (await stage.call('POST', '/v1/keys', { body })).body;
    const headers = { authorization: `Bearer ${key}` };
    expect((await stage.call(method, url, { headers, ...(method !== 'GET' && { body: {} }) })).status).toBe(status);
  });
});

describe('a reporting gate', () => {
  const DAY = Date.parse('2026-10-25T00:00:00+02:00') * 1000; // 25 hours in Berlin
  const gate = { processes: ['reported'], period: 'day', zone: 'Europe/Berlin' };
  const state = async (): Promise<Answer['body']> =>
    (await stage.call('GET', '/v1/reporting-gates/2026-10-25?gate=books')).body;
  const window = async (process: Awaited<ReturnType<typeof processOn>>, from: Micros, to: Micros) => {
    const opened = await process.open(from, to);
    await until('it was judged', async () => ['matched', 'gaps'].includes((await opened.get()).state));
    return opened;
  };

  it('is closed until all of the period was judged and nothing is open, then open; what it states can be verified, until it is superseded', async () => {
    const process = await processOn(stage, 'reported', { graceSeconds: 0 });
    expect((await put('/v1/reporting-gates/definitions/books', gate)).status).toBe(200);
    // Never opened: all of the day stands against it, 25 hours.
    expect(await state()).toMatchObject({
      open: false,
      gates: [
        {
          from: '2026-10-24T22:00:00Z',
          to: '2026-10-25T23:00:00Z',
          against: [{ unjudged: { seconds: 90_000, spans: 1 } }],
        },
      ],
    });
    await process.tell(DAY + HOUR, 'order-1');
    await process.tell(DAY + 13 * HOUR, 'order-2', ['shop', 'hub']);
    await window(process, DAY, DAY + 12 * HOUR);
    const open = await window(process, DAY + 12 * HOUR, DAY + 24 * HOUR);
    expect(await state()).toMatchObject({
      open: false,
      gates: [
        {
          against: [
            {
              windows: 2,
              open: { windows: 1, discrepancies: 1, first: [open.id] },
              unjudged: {
                seconds: 3_600,
                first: [{ from: formatInstant(DAY + 24 * HOUR), to: formatInstant(DAY + 25 * HOUR) }],
              },
            },
          ],
        },
      ],
    });
    const issue = () => stage.call('POST', '/v1/reporting-gates/2026-10-25/statements', { body: { gate: 'books' } });
    expect(await issue()).toMatchObject({
      status: 409,
      body: { code: 'gate_closed', detail: expect.stringContaining('1 discrepancies open, 3600 seconds unjudged') },
    });

    await window(process, DAY + 24 * HOUR, DAY + 25 * HOUR);
    await process.tell(DAY + 13 * HOUR, 'order-2', ['erp']);
    await open.judge();
    await open.is('healed');
    expect(await state()).toMatchObject({ open: true });
    const issued = await issue();
    expect(issued).toMatchObject({ status: 201, body: { gate: 'books', state: 'valid', supersededBy: null } });
    const { id, signature } = issued.body as { id: string; signature: string };

    // As an outsider would: with the public key, which needs no permission, and what is stated.
    const { keys } = (await stage.call('GET', '/v1/statement-keys', { headers: { authorization: '' } })).body;
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual(['old', 'new']);
    const [head, body, signed] = signature.split('.') as [string, string, string];
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    expect(read(head)).toMatchObject({ alg: 'EdDSA', kid: 'new' });
    const key = createPublicKey({ key: keys[1], format: 'jwk' });
    const holds = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signed, 'base64url'));
    expect(holds(`${head}.${body}`)).toBe(true);
    expect(holds(`${head}.${body.slice(0, -2)}AA`)).toBe(false);
    const { items: stated } = (await stage.call('GET', `/v1/statements/${id}/windows`)).body;
    const lines = stated.map(
      (one: Record<string, string>) => `${one['reconciliation']} ${one['revision']} ${one['open']}\n`,
    );
    expect(read(body)).toMatchObject({
      period: '2026-10-25',
      windows: 3,
      revisionsSha256: createHash('sha256').update(lines.join('')).digest('hex'),
    });

    // A later revision that reopens supersedes it, for good.
    await process.tell(DAY + 14 * HOUR, 'order-3', ['shop', 'hub']);
    // Nobody has judged what came since: the gate sees that it did.
    expect(await state()).toMatchObject({
      open: false,
      gates: [{ against: [{ undecided: { windows: 1, first: [open.id] } }] }],
    });
    await open.judge();
    await open.is('gaps');
    const superseded = {
      state: 'superseded',
      supersededBy: { windows: 1, first: [{ reconciliation: open.id, revision: 3 }] },
    };
    expect((await stage.call('GET', `/v1/statements/${id}`)).body).toMatchObject(superseded);
    expect((await stage.call('GET', '/v1/reporting-gates/2026-10-25/statements')).body.items).toMatchObject([
      superseded,
    ]);
    expect(await state()).toMatchObject({ open: false });

    // What is ignored for a time stands against it, unless the gate allows it.
    const ignore = {
      action: 'ignore',
      reason: 'x',
      expiresAt: '2100-01-01T00:00:00Z',
      select: { process: 'reported', reconciliation: open.id },
    };
    expect((await stage.call('POST', '/v1/decisions', { body: ignore })).status).toBe(202);
    await open.is('accepted');
    expect(await state()).toMatchObject({
      open: false,
      gates: [{ against: [{ ignored: { windows: 1, discrepancies: 1, first: [open.id] } }] }],
    });
    await put('/v1/reporting-gates/definitions/books', { ...gate, ignored: 'allowed' }, { 'if-match': '*' });
    expect(await state()).toMatchObject({ open: true });

    // What was ignored and has come all the same is no longer ignored.
    await put('/v1/reporting-gates/definitions/books', gate, { 'if-match': '*' });
    await process.tell(DAY + 14 * HOUR, 'order-3', ['erp']);
    await open.judge();
    await open.is('healed');
    expect(await state()).toMatchObject({
      open: true,
      gates: [{ against: [{ ignored: { windows: 0, discrepancies: 0 } }] }],
    });
  });

  it.each<[string, string, number, string]>([
    ['a period that is none', '/v1/reporting-gates/2026-13', 400, 'invalid_period'],
    ['a period of a kind without a gate', '/v1/reporting-gates/2026-11', 404, 'reporting_gate_not_found'],
    ['a gate that does not exist', '/v1/reporting-gates/2026-11-20?gate=x', 404, 'reporting_gate_not_found'],
    ['a statement that does not exist', '/v1/statements/x', 404, 'statement_not_found'],
  ])('%s is refused', async (_, url, status, code) => {
    expect(await stage.call('GET', url)).toMatchObject(problem(status, code));
  });

  it.each([
    ['processes.0', { ...gate, processes: ['x'] }],
    ['zone', { ...gate, zone: 'Mars/Olympus' }],
    ['period', { ...gate, period: 'week' }],
  ])('with a wrong %s is refused', async (field, body) => {
    const answer = await put('/v1/reporting-gates/definitions/wrong', body);
    expect([answer.status, answer.body.errors[0].field]).toEqual([400, field]);
  });
});

describe('an export', () => {
  const url = '/v1/verdict-exports?process=exported&from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z';
  const text = async (query = ''): Promise<{ type: string | null; text: string }> => {
    const body = { principal: { id: 'auditor', kind: 'person', roles: ['viewer'] } };
    const { key } = (await stage.call('POST', '/v1/keys', { body })).body;
    const port = (stage.api.app.getHttpServer().address() as { port: number }).port;
    const answer = await fetch(`http://127.0.0.1:${port}${url}${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };

  it('holds windows, revisions, discrepancies and decisions, and ends with the hash of all before', async () => {
    const process = await processOn(stage, 'exported');
    const from = Date.parse('2026-10-01T08:00:00Z') * 1000;
    await process.tell(from, 'key-1', ['shop', 'hub']);
    await process.tell(from, 'key-2', ['shop', 'hub']);
    const body = {
      match: { processes: ['exported'], keyPattern: '^key-1$' },
      action: { kind: 'accept', reason: 'known' },
    };
    expect((await put('/v1/resolution-rules/exported', body)).status).toBe(200);
    const window = await process.open(from, from + HOUR);
    await window.is('gaps', 2);
    const { type, text: lines } = await text();
    expect(type).toContain('application/x-ndjson');
    const records = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ record }) => record)).toEqual([
      ...['window', 'revision', 'revision', 'discrepancy', 'discrepancy', 'acceptance', 'decision', 'end'],
    ]);
    const decided = records.find(({ record }) => record === 'decision');
    expect(decided).toMatchObject({ action: 'accept', rule: 'exported', ruleVersion: 1, discrepancies: 1 });
    expect(records.filter(({ record }) => record === 'discrepancy')).toMatchObject([
      { key: 'key-1', revision: 1, acceptance: decided.decision },
      { key: 'key-2', acceptance: '' },
    ]);
    expect(records.find(({ record }) => record === 'acceptance')).toMatchObject({
      ...{ acceptance: decided.decision, revision: 1, by: 'rule:exported@1', reason: 'known' },
    });
    const before = lines.slice(0, lines.trimEnd().lastIndexOf('\n') + 1);
    expect(records.at(-1)).toEqual({
      record: 'end',
      lines: 7,
      sha256: createHash('sha256').update(before).digest('hex'),
    });

    const csv = await text('&format=csv');
    expect(csv.type).toContain('text/csv');
    const rows = csv.text.trimEnd().split('\r\n');
    expect(rows).toHaveLength(9);
    const whole = csv.text.slice(0, csv.text.trimEnd().lastIndexOf('\r\n') + 2);
    expect(rows.at(-1)).toContain(createHash('sha256').update(whole).digest('hex'));
  });

  it('is refused for a process that does not exist', async () => {
    expect(await stage.call('GET', url.replace('exported', 'no'))).toMatchObject(problem(400, 'unknown_process'));
  });
});
