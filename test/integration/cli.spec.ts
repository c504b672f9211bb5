import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { freePort } from '@holdfast/platform/processes';
import { startStack, type Stack } from '../../apps/standalone/stack';

const ROOT = join(__dirname, '../..');
const MAIN = join(ROOT, 'dist/apps/cli/main.js');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user does. */
function run(
  args: readonly string[],
  { input = '', env = {} }: { input?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return ended(spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } }), input);
}

function ended(child: ChildProcessWithoutNullStreams, input: string | Buffer): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** The commands of the README's first steps as they stand there, but for the stack, which runs already; each tells how it ended. */
const firstSteps = (): string => {
  const [, block] = /## First steps\n```bash\n(.*?)```/s.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  const steps = block!.split('\n').filter((line) => !line.startsWith('npm start'));
  return ['npx() { shift; "$MAIN" "$@"; echo "ended with $?" >&2; }', ...steps].join('\n');
};

type Answer = any;
const lines = (ran: Ran): Answer[] =>
  ran.stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const json = (ran: Ran): Answer => JSON.parse(ran.stdout);

describe('with a stack', () => {
  let directory: string;
  let stack: Stack;
  let holdfast: (...args: string[]) => Promise<Ran>;
  const file = (name: string, content: string | Buffer): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    const env = {
      HOLDFAST_PAGERDUTY_ROUTING_KEYS: `first=${'a'.repeat(32)}`,
      HOLDFAST_PAGERDUTY_URL: 'http://127.0.0.1:9',
    };
    stack = await startStack({ dataDir: join(directory, 'data'), freePorts: true, env, onProgress: () => undefined });
    holdfast = (...args) => run(['--url', stack.url, '--key-file', stack.adminKeyFile, ...args]);
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const event = (stage: string, key: string, more: object = {}): string =>
    `${JSON.stringify({
      id: `${stage}-${key}`,
      source: stage,
      process: 'orders',
      stage,
      key,
      type: 'order.seen',
      occurredAt: '2026-11-20T10:00:00Z',
      originAt: '2026-11-20T10:00:00Z',
      data: { amount: 12.5 },
      ...more,
    })}\n`;

  test('documents are created, left alone, and changed; policies before the processes that name them', async () => {
    const text = (grace: number): string => `id: orders
stages: [{ id: shop, role: source }, { id: erp, role: target }]
fields: [{ name: amount }]
graceSeconds: ${grace}
escalationPolicy: on-call
---
kind: escalation-policy
id: on-call
levels: [{ targets: [{ kind: pagerduty, routingKey: first }], acknowledgeTimeoutSeconds: 3600 }]
`;
    const outcomes = async (grace: number): Promise<unknown[]> => {
      const ran = await holdfast('processes', 'apply', file('orders.yaml', text(grace)), '--json');
      expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
      return lines(ran);
    };
    expect(await outcomes(0)).toEqual([
      { kind: 'escalation-policy', id: 'on-call', version: 1, outcome: 'created' },
      { kind: 'process', id: 'orders', version: 1, outcome: 'created' },
    ]);
    expect(await outcomes(0)).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged', version: 1 }]);
    expect(await outcomes(1)).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'changed', version: 2 }]);

    const shown = await holdfast('processes', 'show', 'orders');
    const again = await run(
      ['--url', stack.url, '--key-file', stack.adminKeyFile, 'processes', 'apply', '-', '--json'],
      {
        input: shown.stdout,
      },
    );
    expect(lines(again)).toMatchObject([{ id: 'orders', outcome: 'unchanged' }]);
    expect(json(await holdfast('--json', 'policies', 'list'))).toMatchObject({ id: 'on-call', version: 1 });
  });

  test('a privacy policy is copied from the built-in one, tried, and shown without anything raw', async () => {
    const shown = await holdfast('privacy', 'show', 'built-in');
    const policy = file('policy.yaml', shown.stdout.replace('id: built-in', 'id: mine'));
    const applied = await holdfast('--json', 'privacy', 'apply', policy);
    expect(lines(applied)).toEqual([{ kind: 'privacy-policy', id: 'mine', version: 1, outcome: 'created' }]);
    expect(json(await holdfast('--json', 'privacy', 'list'))).toMatchObject({ id: 'mine', version: 1 });
    const record = file('record.json', JSON.stringify({ email: 'jane.doe@example.com', cvv: '123', amount: 12.5 }));
    const preview = await holdfast('privacy', 'preview', record, '--policy', 'mine');
    // The stack has made a key for tokens by itself.
    expect(preview.stdout).toMatch(/^email +email +gdpr_personal +pii +tokenise +"tok_email_[a-z2-7]{26}"$/m);
    expect(preview.stdout).toMatch(/^cvv +card_secret +pci +sensitive +drop$/m);
    expect(preview.stdout).not.toMatch(/jane|12\.5/);
    expect((await holdfast('privacy', 'preview', record)).code).not.toBe(0); // there is no policy `default`
    const mixed = file('mixed.yaml', 'id: orders\nkind: process\n');
    expect(await holdfast('privacy', 'apply', mixed)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('stages'),
    });
  });

  test('objectives and references are applied, evaluated and checked; KPIs say as of when', async () => {
    const stages = '[{ id: shop, role: source }, { id: erp, role: target }]';
    const documents = `kind: reference
id: orders-billed
process: promised
stage: shop
business: { kind: stage, process: billed, stage: erp }
owner: finance
---
id: promised-in-time
process: promised
promised: { kind: completeness, withinSeconds: 600 }
target: 0.999
owner: orders-team
---
{ kind: process, id: promised, stages: ${stages} }
---
{ kind: process, id: billed, stages: ${stages} }
`;
    const applied = await holdfast('--json', 'objectives', 'apply', file('promised.yaml', documents));
    expect(lines(applied).map(({ kind, id, outcome }) => [kind, id, outcome])).toEqual([
      ['process', 'promised', 'created'],
      ['process', 'billed', 'created'],
      ['objective', 'promised-in-time', 'created'],
      ['reference', 'orders-billed', 'created'],
    ]);
    expect((await holdfast('objectives', 'list')).stdout).toMatch(
      /promised-in-time +1 +promised +completeness +99\.9%/,
    );
    // Nothing is no pass.
    const evaluated = await holdfast('objectives', 'evaluate', 'promised-in-time');
    expect([evaluated.code, evaluated.stdout]).toEqual([
      1,
      expect.stringMatching(/^state +insufficient_data: nothing_observed$/m),
    ]);
    const evaluations = lines(await holdfast('--json', 'objectives', 'evaluations', 'promised-in-time'));
    expect(evaluations.at(-1)).toMatchObject({ state: 'insufficient_data', denominator: 0, unit: 'keys' });
    expect(json(await holdfast('--json', 'objectives', 'show', 'promised-in-time'))).toMatchObject({ target: 0.999 });
    expect(json(await holdfast('--json', 'references', 'list'))).toMatchObject({ id: 'orders-billed' });
    expect((await holdfast('references', 'check', 'orders-billed')).stdout).toMatch(/^orders-billed is being checked/);
    expect((await holdfast('references', 'checks', 'orders-billed')).code).toBe(0);
    const kpis = await holdfast('kpis', 'promised');
    expect([kpis.code, kpis.stdout]).toEqual([0, expect.stringMatching(/^as of .*\n(.*\n)+cycle time +0\n/m)]);
    const hours = ['--from', '2026-11-20T10:00:00Z', '--to', '2026-11-20T12:00:00Z'];
    expect(json(await holdfast('--json', 'kpis', 'promised', ...hours))).toMatchObject({
      from: '2026-11-20T10:00:00Z',
      successRate: { keys: 0, reached: 0, rate: null },
    });
    expect((await holdfast('kpis', 'nobody')).code).toBe(3);
  });

  test('a document that the API refuses is refused with its fields', async () => {
    const ran = await holdfast(
      'processes',
      'apply',
      file('bad.json', '{"id":"bad","stages":[{"id":"only","role":"source"}]}'),
    );
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('stages: a process has two stages or more');
    expect(ran.stdout).toBe('');
  });

  test('contracts are checked before they are applied, and the check ends with 1 when one would break readers', async () => {
    const contract = (field: string) => `kind: contract
id: cli.checked
owner: shop
enforcement: warn
schema: { type: object, properties: { ${field}: { type: number } }, required: [${field}] }
`;
    const first = file('contract-1.yaml', contract('amount'));
    expect(json(await holdfast('--json', 'contracts', 'check', first))).toMatchObject({
      id: 'cli.checked',
      compatible: true,
      comparedWith: [],
    });
    expect((await holdfast('contracts', 'show', 'cli.checked')).code).not.toBe(0); // the check stored nothing
    expect((await holdfast('contracts', 'apply', first)).code).toBe(0);
    const refused = await holdfast('contracts', 'check', file('contract-2.yaml', contract('total')));
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/^cli\.checked: NOT compatible \(backward, compared with version 1\)$/m);
    expect(refused.stdout).toMatch(/1 +backward +\/total /);
  });

  test('events are sent plain, compressed and piped; again they are duplicates', async () => {
    const all = ['1', '2', '3'].map((key) => event('shop', key)).join('') + event('erp', '1') + event('erp', '2');
    const sent = await holdfast('--json', 'ingest', file('events.ndjson', all));
    expect(sent.code).toBe(0);
    expect(json(sent)).toMatchObject({ received: 5, stored: 5, duplicate: 0, conflict: 0, rejected: 0 });
    expect(json(await holdfast('--json', 'ingest', file('events.gz', gzipSync(all))))).toMatchObject({
      received: 5,
      duplicate: 5,
    });
    const args = ['--url', stack.url, '--key-file', stack.adminKeyFile, '--json', 'ingest', '-'];
    expect(json(await run(args, { input: gzipSync(all) }))).toMatchObject({ received: 5, duplicate: 5 });
    expect(json(await holdfast('--json', 'intake', 'account'))).toMatchObject({
      received: 15,
      stored: 5,
      duplicate: 10,
    });
    const timeline = lines(await holdfast('--json', 'events', 'timeline', '1', '--process', 'orders'));
    expect(timeline.map(({ stage }) => stage).sort()).toEqual(['erp', 'shop']);
  });

  test('mappings are applied and shown; files are previewed and sent by them, lines and streamed bodies', async () => {
    const place = `process: { value: mapped }, stage: { value: shop }, occurredAt: { value: "2026-11-20T10:00:00Z" }`;
    const documents = file(
      'mappings.yaml',
      `id: partner-csv
format: { kind: csv }
event: { source: { value: partner }, id: { path: no }, key: { path: no }, type: { value: order.seen }, ${place} }
data: { amount: { path: total, as: [number] } }
---
id: customers-cdc
format: { kind: debezium }
event: { source: { value: cdc }, key: { path: row.id }, ${place} }
---
kind: process
id: mapped
stages: [{ id: shop, role: source }, { id: erp, role: target }]
`,
    );
    const applied = await holdfast('--json', 'mappings', 'apply', documents);
    expect({ code: applied.code, stderr: applied.stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines(applied)).toMatchObject([
      { kind: 'process', id: 'mapped' },
      { kind: 'mapping', id: 'partner-csv', version: 1, outcome: 'created' },
      { kind: 'mapping', id: 'customers-cdc', version: 1, outcome: 'created' },
    ]);
    expect(lines(await holdfast('--json', 'mappings', 'list'))).toMatchObject([
      { id: 'customers-cdc' },
      { id: 'partner-csv', format: { kind: 'csv' } },
    ]);
    const shown = file('shown.yaml', (await holdfast('mappings', 'show', 'partner-csv')).stdout);
    expect(lines(await holdfast('--json', 'mappings', 'apply', shown))).toMatchObject([{ outcome: 'unchanged' }]);

    const orders = file('orders.csv', gzipSync('no,total\nM1,1.50\nM2\n'));
    for (const by of [
      ['--mapping', 'partner-csv'],
      ['--document', shown],
    ]) {
      const seen = await holdfast('--json', 'mappings', 'preview', orders, ...by);
      expect(seen.code).toBe(1);
      expect(json(seen).records).toMatchObject([
        { line: 1, event: { id: 'M1' } },
        { line: 2, rejection: { code: 'ragged_row' } },
      ]);
    }
    const sent = await holdfast('--json', 'ingest', orders, '--mapping', 'partner-csv');
    expect(sent.code).toBe(1);
    expect(json(sent)).toMatchObject({
      received: 2,
      stored: 1,
      rejected: 1,
      problems: [{ line: 2, code: 'ragged_row' }],
    });
    const source = { connector: 'mysql', file: 'f', pos: 1, table: 'customers', ts_ms: 1 };
    const messages = [null, { op: 'c', before: null, after: { id: 1 }, source }]
      .map((one) => JSON.stringify(one))
      .join('\n');
    expect(
      json(await holdfast('--json', 'ingest', file('cdc.ndjson', messages), '--mapping', 'customers-cdc')),
    ).toMatchObject({ received: 1, stored: 1, skipped: 1 });
    const again = await holdfast('--json', 'ingest', orders, '--format', 'csv', '--mapping', 'partner-csv');
    expect(json(again)).toMatchObject({ received: 2, duplicate: 1, rejected: 1 });
    const other = await holdfast('ingest', orders, '--format', 'xml', '--mapping', 'partner-csv');
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('reads csv, and not xml')]);
    expect((await holdfast('ingest', orders, '--format', 'csv')).code).toBe(2);
    expect((await holdfast('ingest', orders, '--mapping', 'nowhere')).code).toBe(3);
    expect((await holdfast('mappings', 'preview', orders)).code).toBe(2);
  });

  test('a file of events is sent as what it is said to be', async () => {
    const one = JSON.parse(event('shop', 'as-json'));
    const sent = await holdfast(
      '--json',
      'ingest',
      file('one.json', JSON.stringify([one], null, 2)),
      '--format',
      'json',
    );
    expect(json(sent)).toMatchObject({ received: 1, stored: 1 });
    const { process, stage, key, occurredAt, ...rest } = one;
    const cloudEvent = {
      specversion: '1.0',
      ...rest,
      id: 'as-cloud-event',
      process,
      stage,
      businesskey: key,
      time: occurredAt,
    };
    delete cloudEvent['originAt'];
    const batch = file('batch.json', JSON.stringify([cloudEvent]));
    const batched = await holdfast('--json', 'ingest', batch, '--format', 'cloudevents-batch');
    expect(json(batched)).toMatchObject({ received: 1, stored: 1 });
  });

  test('records that are not taken are named with their place in the file, and the answer is no', async () => {
    const good = Array.from({ length: 10_000 }, (_, i) => event('shop', `many-${i}`)).join('');
    const ran = await holdfast(
      '--json',
      'ingest',
      file('mixed.ndjson', `${good}${event('shop', 'x', { stage: 'moon' })}{"broken\n`),
    );
    expect(ran.code).toBe(1);
    expect(json(ran)).toMatchObject({ received: 10_002, stored: 10_000, rejected: 2 });
    expect(json(ran).problems.map(({ line, code }: Answer) => [line, code])).toEqual([
      [10_001, 'unknown_stage'],
      [10_002, expect.any(String)],
    ]);
    const text = await holdfast('ingest', file('bad.ndjson', event('shop', 'y', { stage: 'moon' })));
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('unknown_stage');
  });

  test('a window is judged, its gaps are shown and accepted', async () => {
    const span = ['--from', '2026-11-20T10:00:00Z', '--to', '2026-11-20T12:00:00+01:00'];
    const judged = await holdfast('--json', 'reconcile', 'start', 'orders', ...span, '--watch');
    expect(judged.code).toBe(1);
    const { id, state } = json(judged);
    expect(state).toBe('gaps');

    const found = lines(await holdfast('--json', 'reconcile', 'discrepancies', id, '--business-key', '3'));
    expect(found).toMatchObject([{ key: '3', kind: 'missing', hop: 'shop->erp', status: 'open' }]);
    const table = await holdfast('reconcile', 'discrepancies', id, '--limit', '5');
    expect(table.stdout.split('\n')[0]).toMatch(/^key +kind +hop/);
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(6);

    const one = await holdfast(
      '--json',
      'reconcile',
      'accept',
      id,
      '--reason',
      'known',
      '--discrepancy',
      '3,erp,missing',
    );
    expect(one.code).toBe(1); // others stay open
    const all = await holdfast('--json', 'reconcile', 'accept', id, '--reason', 'known', '--all');
    expect({ code: all.code, open: json(all).open }).toEqual({ code: 0, open: 0 });
    expect((await holdfast('reconcile', 'watch', id)).code).toBe(0);
    expect(lines(await holdfast('--json', 'reconcile', 'revisions', id)).map(({ revision }) => revision)).toEqual([
      3, 2, 1,
    ]);
    expect(lines(await holdfast('--json', 'reconcile', 'list', '--state', 'accepted'))).toMatchObject([{ id }]);

    const again = await holdfast('reconcile', 'start', 'orders', ...span);
    expect(again.stdout).toBe(`${id} (was there already)\n`);
    const alerts = lines(await holdfast('--json', 'alerts', 'list'));
    expect(alerts).toMatchObject([{ fingerprint: id, policy: { id: 'on-call' } }]);
    expect((await holdfast('alerts', 'show', alerts[0].id)).stdout).toContain('alert raised');
  });

  test('a rule is tried on past windows, people decide in bulk, and a gate says whether a day may be reported', async () => {
    const rule = `kind: resolution-rule
id: known
match: { processes: [orders], kinds: [missing], keyPattern: ^3$ }
action: { kind: accept, reason: known }
---
kind: reporting-gate
id: books
processes: [orders]
period: day
`;
    const [first] = rule.split('---');
    const span = ['--from', '2026-11-20T00:00:00Z', '--to', '2026-11-21T00:00:00Z'] as const;
    const tried = await holdfast(
      '--json',
      'resolution-rules',
      'try',
      file('rule.yaml', first!),
      '--process',
      'orders',
      ...span,
    );
    expect({ code: tried.code, stderr: tried.stderr }).toEqual({ code: 0, stderr: '' });
    expect(json(tried)).toMatchObject({ complete: true, decides: 1 });
    expect((await holdfast('resolution-rules', 'list')).stdout).toContain('there are no resolution rules');

    expect(lines(await holdfast('resolution-rules', 'apply', file('gate.yaml', rule), '--json'))).toMatchObject([
      { kind: 'resolution-rule', id: 'known', outcome: 'created' },
      { kind: 'reporting-gate', id: 'books', outcome: 'created' },
    ]);
    expect((await holdfast('resolution-rules', 'show', 'known')).stdout).toContain('kind: accept');

    const closed = await holdfast('gate', '2026-11-20');
    expect(closed.code).toBe(1);
    expect(closed.stdout).toContain('2026-11-20 may not be reported by books');
    expect(closed.stdout).toMatch(/unjudged +[\d ,]+ seconds/);
    expect((await holdfast('gate', '2026-11-20', '--state')).code).toBe(1);
    expect((await holdfast('gate', '2026-11-20', '--statements')).stdout).toContain('nothing was stated');
    expect((await holdfast('gate', 'yesterday')).code).toBe(3);

    const asked = ['decisions', 'propose', 'orders', '--action', 'accept', '--reason', 'known', ...span];
    const made = json(await holdfast('--json', ...asked, '--kind', 'missing'));
    const shown = await holdfast('decisions', 'show', made.id);
    expect([shown.code, shown.stdout.includes('accept')]).toEqual([0, true]);
    expect(lines(await holdfast('--json', 'decisions', 'list', '--process', 'orders'))).toMatchObject([
      { id: made.id },
    ]);
    expect((await holdfast('decisions', 'approve', made.id)).code).toBe(3);
    expect((await holdfast(...asked, '--kind', 'late')).code).toBe(2);
  });

  test("the README's first steps lead to the discrepancy that they plant", async () => {
    const env = { MAIN, HOLDFAST_URL: stack.url, HOLDFAST_KEY_FILE: stack.adminKeyFile };
    const child = spawn('bash', ['-c', firstSteps()], { cwd: directory, env: { ...process.env, ...env } });
    const { stdout, stderr } = await ended(child, '');
    expect(stderr.match(/ended with \d+/g)).toEqual([0, 0, 1, 0].map((code) => `ended with ${code}`)); // 1: there are gaps
    expect(stdout).toMatch(/^ORD-1 +missing +shop->erp/m);
  });

  test('an alert is acknowledged and resolved by hand', async () => {
    const { alert } = json(await holdfast('--json', 'policies', 'test', 'on-call'));
    expect((await holdfast('alerts', 'ack', alert)).code).toBe(0);
    const late = await holdfast('alerts', 'ack', alert);
    expect({ code: late.code, stdout: late.stdout }).toEqual({ code: 3, stdout: '' });
    expect(late.stderr).toMatch(/alert_(acknowledged|resolved)/);
  });

  test('a key does what its role says, until it is revoked', async () => {
    const made = await holdfast('--json', 'keys', 'create', 'shop-system', '--role', 'sender');
    const { id, key } = json(made);
    const asSender = (...args: string[]): Promise<Ran> =>
      run(['--url', stack.url, ...args], { env: { HOLDFAST_KEY: key } });
    expect((await asSender('ingest', file('one.ndjson', event('shop', 'by-sender')))).code).toBe(0);
    const refused = await asSender('alerts', 'list');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('permission_missing');
    expect((await holdfast('keys', 'revoke', id)).code).toBe(0);
    const keys = lines(await holdfast('--json', 'keys', 'list'));
    expect(keys.find((one) => one.id === id)).toMatchObject({ revokedAt: expect.any(String) });
    expect(JSON.stringify(keys)).not.toContain(key);
  });

  test('without a key the command says how to give one', async () => {
    const ran = await run(['--url', stack.url, 'alerts', 'list'], {
      env: { XDG_DATA_HOME: join(directory, 'nothing') },
    });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('HOLDFAST_KEY_FILE');
  });
});

describe('without an API', () => {
  test('nobody at the address: unavailable, after as long as was asked for', async () => {
    const ran = await run(['--url', `http://127.0.0.1:${await freePort()}`, '--retry-for', '0', 'alerts', 'list']);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 4, stdout: '' });
    expect(ran.stderr).toContain('cannot be reached');
  });

  test.each([
    ['alerts', 'list', '--state', 'sleeping'],
    ['reconcile', 'start', 'orders'],
    ['reconcile', 'accept', 'x', '--reason', 'y'],
    ['ingest', '/does/not/exist'],
    ['processes', 'apply', '/does/not/exist'],
    ['--url', 'nowhere', 'alerts', 'list'],
    ['nonsense'],
  ])('wrong command line: %s %s', async (...args) => {
    const ran = await run(args);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).not.toBe('');
  });

  test('the exit codes are in the help', async () => {
    const ran = await run(['--help']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('Exit codes:');
  });
});

describe('with an API that is busy', () => {
  let server: Server;
  const answers: [status: number, headers: Record<string, string>, body: object][] = [];
  const seen: { at: number; key: string | undefined; body: string }[] = [];
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        seen.push({ at: performance.now(), key: request.headers['idempotency-key'] as string | undefined, body });
        const [status, headers, answer] = answers.shift()!;
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  beforeEach(() => seen.splice(0));
  afterAll(() => server.close());

  test('429 and 503 are repeated no sooner than Retry-After says, with the same key', async () => {
    const problem = (status: number): object => ({ status, code: 'busy', title: '', detail: 'not now' });
    answers.push([429, { 'retry-after': '1' }, problem(429)], [503, { 'retry-after': '1' }, problem(503)]);
    answers.push([202, {}, { alert: 'policy.1' }]);
    const ran = await run(['--url', url, '--key', 'k', '--json', 'policies', 'test', 'on-call']);
    expect({ code: ran.code, answer: json(ran) }).toEqual({ code: 0, answer: { alert: 'policy.1' } });
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
    expect(seen[0]!.key).toMatch(/^[0-9a-f-]{36}$/);
    for (const index of [1, 2]) expect(seen[index]!.at - seen[index - 1]!.at).toBeGreaterThan(950);
  });

  test('a refusal is not repeated', async () => {
    answers.push([
      409,
      {},
      { status: 409, code: 'alert_resolved', title: '', detail: 'the alert is resolved already' },
    ]);
    const ran = await run(['--url', url, '--key', 'k', 'alerts', 'ack', 'a']);
    expect(ran.code).toBe(3);
    expect(seen).toHaveLength(1);
  });

  test('a large file is cut at line ends, and every part is sent whole', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    const path = join(directory, 'events.ndjson');
    const sent = Array.from({ length: 25_000 }, (_, i) => `{"n":${i},"text":"ä${'x'.repeat(i % 50)}"}`);
    writeFileSync(path, sent.join('\r\n'));
    expect(statSync(path).size).toBeGreaterThan(1_000_000);
    const receipt = { received: 1, stored: 1, duplicate: 0, conflict: 0, rejected: 0, problems: [] };
    answers.push([200, {}, receipt], [200, {}, receipt], [200, {}, receipt]);
    const ran = await run(['--url', url, '--key', 'k', '--json', 'ingest', path]);
    rmSync(directory, { recursive: true });
    expect(json(ran)).toMatchObject({ received: 3, stored: 3 });
    const parts = seen.map(({ body }) => body.trimEnd().split('\r\n')).sort((a, b) => b.length - a.length);
    expect(parts.map((part) => part.length)).toEqual([10_000, 10_000, 5_000]);
    expect(new Set(parts.flat())).toEqual(new Set(sent));
  });
});
