import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProgramName } from '../../apps/standalone/programs';
import { LEVELS, openStage, type Stage } from './stage';

/** Kills a process with kill -9 while rules decide and a source is asked to send again, and counts afterwards what was decided and sent. */
const STEP_MS = 300_000;
const KEYS = 24;
const BATCH = 6;
const PROCESS = 'resolved';
const AT = '2026-11-20T10:00:00Z';

let stage: Stage;
let source: Server;
let hasFailed = true;
const asked: { idempotencyKey: string; keys: string[] }[] = [];
/** What to kill while a request is under way: its answer is lost. */
const strikes: ProgramName[] = ['worker', 'clickhouse', 'worker', 'temporal'];

const event = (at: string, key: string, amount: number): string =>
  `${JSON.stringify({
    id: `${at}-${key}`,
    source: at,
    process: PROCESS,
    stage: at,
    key,
    type: 'order',
    occurredAt: AT,
    originAt: AT,
    data: { amount },
  })}\n`;
const send = (lines: readonly string[]) =>
  stage.client().sendEvents(Buffer.from(lines.join('')), 'application/x-ndjson');
const keys = Array.from({ length: KEYS }, (_, n) => `key-${n}`);

beforeAll(async () => {
  source = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as { keys: string[] };
      asked.push({ idempotencyKey: String(request.headers['idempotency-key']), keys: body.keys });
      const strike = strikes.shift();
      if (strike !== undefined) stage.stack.kill(strike);
      void send(body.keys.map((key) => event('erp', key, 1))).then(
        () => response.writeHead(202).end(),
        () => response.writeHead(503).end(),
      );
    });
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  const { port } = source.address() as AddressInfo;
  stage = await openStage({
    HOLDFAST_CONNECTORS: `shop=http://127.0.0.1:${port}/replays`,
    HOLDFAST_CONNECTOR_SECRETS: 'shop=secret',
  });
}, STEP_MS);
afterAll(async () => {
  await stage?.close(hasFailed);
  source?.close();
}, STEP_MS);

test(
  'whatever is killed at whichever step, each discrepancy is decided once, and each key is asked for under one key',
  async () => {
    const client = stage.client();
    const levels = [{ targets: [{ kind: 'pagerduty', routingKey: LEVELS[0] }], acknowledgeTimeoutSeconds: 3600 }];
    await client.put('/v1/escalation-policies/on-call', { levels }, undefined);
    const stages = [
      { id: 'shop', role: 'source' },
      { id: 'erp', role: 'target' },
    ];
    const process = { stages, fields: [{ name: 'amount' }], graceSeconds: 0, escalationPolicy: 'on-call' };
    await client.put(`/v1/processes/${PROCESS}`, process, undefined);
    const replay = { kind: 'replay', connector: 'shop', batch: BATCH, settleSeconds: 2 };
    await client.put('/v1/resolution-rules/replay', { match: { kinds: ['missing'] }, action: replay }, undefined);
    const accept = { kind: 'accept', reason: 'rounding' };
    await client.put('/v1/resolution-rules/accept', { match: { fields: ['amount'] }, action: accept }, undefined);
    await send(keys.map((key) => event('shop', key, 1)));
    await send([event('shop', 'rounded', 1), event('erp', 'rounded', 1.01)]);

    const window = { process: PROCESS, from: '2026-11-20T09:00:00Z', to: '2026-11-20T11:00:00Z' };
    const { id } = await client.post<{ id: string }>('/v1/reconciliations', window);
    stage.stack.kill('worker'); // while it is judged and decided
    let state = '';
    for (const until = Date.now() + STEP_MS - 60_000; state !== 'accepted' && Date.now() < until;) {
      ({ state } = await client.get<{ state: string }>(`/v1/reconciliations/${id}`));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(state).toBe('accepted');
    expect(strikes).toEqual([]);

    // Every key under one Idempotency-Key, however often its batch was sent.
    const byKey = new Map<string, Set<string>>();
    for (const one of asked)
      for (const key of one.keys) byKey.set(key, (byKey.get(key) ?? new Set()).add(one.idempotencyKey));
    expect([...byKey.keys()].sort()).toEqual([...keys].sort());
    expect([...byKey.values()].map(({ size }) => size)).toEqual(keys.map(() => 1));
    expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(KEYS / BATCH);

    const decisions = await stage.engine.rows<{ action: string; discrepancies: string; outcome: string }>(
      'SELECT action, discrepancies, outcome FROM resolution_decisions FINAL WHERE reconciliation = {id:String} ORDER BY action',
      { id },
    );
    expect(decisions).toEqual([
      { action: 'accept', discrepancies: '1', outcome: '' },
      { action: 'replay', discrepancies: String(KEYS), outcome: 'sent' },
    ]);
    const revisions = await stage.engine.rows<{ revision: number; times: string }>(
      'SELECT revision, uniqExact(judgement) AS times FROM verdicts WHERE reconciliation = {id:String} GROUP BY revision ORDER BY revision',
      { id },
    );
    expect(revisions.map(({ times }) => times)).toEqual(revisions.map(() => '1'));
    expect(
      await stage.engine.rows('SELECT acceptance FROM acceptances FINAL WHERE reconciliation = {id:String}', { id }),
    ).toHaveLength(1);
    const alerts = 'SELECT alert_id FROM alerts WHERE startsWith(alert_id, {id:String})';
    expect(await stage.engine.rows(alerts, { id })).toEqual([]);
    hasFailed = false;
  },
  STEP_MS,
);
