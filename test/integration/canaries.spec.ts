import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type ClickHouseClient, ClickHouseLogLevel } from '@clickhouse/client';
import { Client, Connection } from '@temporalio/client';
import { ApiClient } from '../../apps/cli/api-client';
import type { Alert, Reconciliation } from '../../apps/cli/views';
import { Canaries, collectTexts, textsOfRuns, type Text } from '../canaries/canaries';
import { DAY, eventually, openStage, type Stage } from '../faults/stage';

/** Stands in every text that must stay where it was put. Letters and digits: no escaping changes it. */
const MARK = `zq${randomBytes(8).toString('hex')}`;
const canaries = new Canaries([MARK]);
const canary = (role: string): string => `canary-${role}-${MARK}`;
/** Stands where the search has to find it. */
const CONTROL = `control-${randomBytes(8).toString('hex')}`;

const PROCESS = 'order-flow';
const POLICY = 'on-call';
const WINDOW = { process: PROCESS, from: `${DAY}T10:00:00Z`, to: `${DAY}T11:00:00Z` };
const STEP_MS = 300_000;

const customer = (stage: string) => ({
  name: canary(`name-${stage}`),
  email: canary(`email-${stage}`),
  addresses: [{ street: canary('street'), notes: [[canary('note')]] }],
});

/** A record full of canaries. Field `customer.email` has to agree, and never does where two stages of an order have an event. */
const record = (order: string, stage: 'shop' | 'erp', attempt = 1, agreeing = false) => ({
  id: canary(`id-${order}-${stage}`),
  source: canary(`source-${stage}`),
  process: PROCESS,
  stage,
  key: canary(`key-${order}`),
  type: canary('type'),
  correlationId: canary('correlation'),
  occurredAt: `${DAY}T10:10:00Z`,
  originAt: `${DAY}T10:10:00Z`,
  attempt,
  data: { customer: customer(agreeing ? 'both' : stage), [canary('member')]: 1 },
});

const definition = {
  description: canary('description'),
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
  fields: [{ name: 'customer.email' }],
  graceSeconds: 0,
  escalationPolicy: POLICY,
};

let stage: Stage;
let api: ApiClient;
let engine: ClickHouseClient;
let temporal: Client;
/** What each provocation was answered with. */
const answers = new Map<string, number>();
/** What Temporal said of a workflow while an activity of it failed. */
const underWay: Text[] = [];

beforeAll(async () => {
  // As talkative as it can be.
  stage = await openStage({ LOG_LEVEL: 'trace' });
  api = stage.client();
  const { url, password } = stage.stack.clickhouse;
  engine = createClient({
    url,
    database: 'app',
    password: password ?? '',
    log: { level: ClickHouseLogLevel.OFF },
  });
  temporal = new Client({ connection: await Connection.connect({ address: stage.stack.temporalAddress }) });
  await live();
}, STEP_MS);

afterAll(async () => {
  await temporal.connection.close();
  await engine.close();
  await stage.close(false);
}, STEP_MS);

describe('what people entrust to Holdfast', () => {
  test('was in all the places that it belongs to', async () => {
    const places = {
      tracking_records: ['id', 'source', 'key', 'type', 'correlation_id', 'data', 'agreed'],
      discrepancies: ['key', 'expected', 'found'],
      documents: ['body'],
      document_proposals: ['body'],
      acceptance_proposals: ['reason', 'toString(selected)'],
      acceptances: ['key'],
    };
    for (const [table, columns] of Object.entries(places)) {
      for (const column of columns) {
        const found = await count(`SELECT count() AS n FROM ${table} WHERE position(${column}, '${MARK}') > 0`);
        expect([table, column, found > 0]).toEqual([table, column, true]);
      }
    }
  });

  test('was in errors that the engine gave to API and worker, and in requests that were refused', () => {
    const expected = {
      'insert of a proposal': 500,
      'commit of a document': 500,
      'insert of records': 500,
      'insert of a reason': 500,
      'query for a timeline': 500,
      'malformed JSON': 400,
      'malformed records': 400,
      'broken body': 400,
      'conflicting record': 409,
      'no UTF-8': 400,
      'wrong stage': 400,
      'unknown member': 400,
      'wrong window': 400,
      'wrong query': 400,
      'wrong cursor': 400,
      'unknown window': 404,
      'unknown alert': 404,
      'unknown process': 404,
      'unknown route': 404,
      'wrong precondition': 400,
      'wrong content type': 415,
      'wrong key': 401,
      'unsigned webhook': 403,
      'unknown discrepancy': 400,
      'wrong policy': 400,
    };
    expect(Object.fromEntries(answers)).toEqual(expected);
  });

  test(
    'stands in no history of a workflow',
    async () => {
      const texts = [...underWay, ...(await textsOfWorkflows())];

      // The search finds what is there: an input, a memo, a header's neighbour, a reason; and a known id in every kind of place.
      const control = texts.filter(({ text }) => text.includes(CONTROL)).map(({ place }) => place);
      expect(control).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/workflowExecutionStartedEventAttributes\.input/),
          expect.stringMatching(/workflowExecutionStartedEventAttributes\.memo/),
          expect.stringMatching(/workflowExecutionSignaledEventAttributes\.input/),
          expect.stringMatching(/workflowExecutionTerminatedEventAttributes\.details/),
        ]),
      );
      const known = new Set(
        texts
          .filter(({ text }) => text.includes(PROCESS))
          .map(({ place }) => /\.(\w+)EventAttributes\b/.exec(place)?.[1]),
      );
      for (const event of [
        'workflowExecutionStarted',
        'activityTaskScheduled',
        'markerRecorded',
        'workflowExecutionCompleted',
      ])
        expect([event, known.has(event)]).toEqual([event, true]);
      const types = new Set(texts.filter(({ place }) => place.endsWith('workflowType.name')).map(({ text }) => text));
      for (const type of ['changeDocument', 'openWindow', 'reconcileWindow', 'escalateAlert', 'accept'])
        expect([type, types.has(type) || texts.some(({ text }) => text === type)]).toEqual([type, true]);
      // What failed is there, by its code: tried again, failed for good in a marker and at a workflow's end, and at that moment.
      const faults = texts.filter(({ text }) => text === 'fault').map(({ place }) => place);
      for (const event of ['activityTaskStarted', 'markerRecorded', 'workflowExecutionFailed'])
        expect(faults).toContainEqual(expect.stringContaining(`${event}EventAttributes`));
      expect(faults).toContainEqual(expect.stringMatching(/^description of the failing window.*pendingActivities/));

      expect(canaries.in(texts)).toEqual([]);
    },
    STEP_MS,
  );

  test('stands in no log of a process', () => {
    const folder = join(stage.stack.dataDir, 'logs');
    const logs = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'latin1') }));
    expect(logs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['api.log', 'worker.log', 'clickhouse.log', 'temporal.log', 'pagerduty.log']),
    );
    // What went wrong is told, without the data that it went wrong with.
    const logOf = (name: string): string => logs.find((one) => one.name === name)!.text;
    expect(logOf('api.log')).toMatch(/VIOLATED_CONSTRAINT|469/);
    expect(logOf('worker.log')).toMatch(/VIOLATED_CONSTRAINT|469/);
    expect(logOf('worker.log')).toContain(`window/${PROCESS}_`);

    const lines = logs.flatMap(({ name, text }) => text.split('\n').map((line) => ({ place: name, text: line })));
    expect(canaries.in(lines)).toEqual([]);
  });

  test('was never sent to PagerDuty', async () => {
    const state = JSON.stringify(await stage.pagerDuty.state());
    expect(state).toContain(PROCESS);
    expect(canaries.shownBy(state)).toBe(false);
  });
});

/** The life of one window, with everything going wrong that can quote data. */
async function live(): Promise<void> {
  await startControl();
  await api.put(
    `/v1/escalation-policies/${POLICY}`,
    {
      description: canary('policy'),
      levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'level-1' }], acknowledgeTimeoutSeconds: 600 }],
    },
    undefined,
  );
  await describeProcess();
  await receiveRecords();
  await refuse();
  const id = await judge();
  const { alert } = await eventually('the alert', async () => {
    const window = await api.get<Reconciliation>(`/v1/reconciliations/${id}`);
    return window.alert === null ? undefined : { alert: window.alert };
  });
  await respond(alert);
  await accept(id);
  await api.post(`/v1/reconciliations/${id}/judge`);
  await heal();
  await eventually('the end of the window', async () => {
    const { state } = await api.get<Reconciliation>(`/v1/reconciliations/${id}`);
    return state === 'accepted' || state === 'healed' ? true : undefined;
  });
  await eventually('the end of the alert', async () =>
    (await api.get<Alert>(`/v1/alerts/${alert}`)).state === 'resolved' ? true : undefined,
  );
  await ask(id);
  await endControl();
}

/** The engine refuses a definition, in the API and in the worker, and quotes it. */
async function describeProcess(): Promise<void> {
  const put = (): Promise<number> => send('PUT', `/v1/processes/${PROCESS}`, { json: definition });
  await refusing('document_proposals', 'body', async () => {
    answers.set('insert of a proposal', await put());
  });
  // A local activity, tried until it has failed for good: its marker tells of it, and so does the end of its workflow.
  await refusing('documents', 'body', async () => {
    answers.set('commit of a document', await put());
    const change = temporal.workflow.getHandle(`change/process/${PROCESS}`);
    await expect(change.result()).rejects.toThrow('Workflow execution failed');
    await failsInWorker('changeDocument.commit');
  });
  await eventually('the process', async () => ((await put()) < 300 ? true : undefined));
}

async function receiveRecords(): Promise<void> {
  const lines = [
    record('mutated', 'shop'),
    record('mutated', 'erp'),
    record('missing', 'shop'),
    record('orphan', 'erp'),
    record('accepted', 'shop'),
    record('accepted', 'erp'),
  ];
  const ndjson = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await refusing('tracking_records', 'data', async () => {
    answers.set('insert of records', await send('POST', '/v1/events', { text: ndjson, type: 'application/x-ndjson' }));
  });
  await api.sendEvents(Buffer.from(ndjson), 'application/x-ndjson');
  const changed = { ...record('missing', 'shop'), data: { customer: customer('changed') } };
  answers.set('conflicting record', await send('POST', '/v1/events', { json: changed }));
  // The engine itself, asked as nobody of ours asks it: it answers with what it was given, and keeps it to itself.
  const failing = [
    { query: 'SELECT throwIf(1, {text:String})', query_params: { text: canary('parameter') } },
    { query: 'SELECT {number:UInt8}', query_params: { number: canary('number') } },
    { query: `SELECT * FROM "${canary('table')}"` },
    { query: `INSERT INTO documents FORMAT JSONEachRow {"version":"${canary('version')}"` },
    { query: `SELECT toDate('${canary('date')}')` },
    { query: `SELEKT '${canary('syntax')}'` },
  ];
  for (const one of failing) await expect(engine.command(one)).rejects.toThrow(/canary|Syntax|parse/i);
}

/** Requests that are no good. */
async function refuse(): Promise<void> {
  const text = `{"id":"${canary('malformed')}",`;
  const wrong: Record<string, Promise<number>> = {
    'malformed JSON': send('PUT', `/v1/processes/${PROCESS}`, { text }),
    'malformed records': send('POST', '/v1/events', { text: `${text}\n${text}\n`, type: 'application/x-ndjson' }),
    'broken body': send('POST', '/v1/events', { text: `[${JSON.stringify(record('missing', 'shop'))},${text}` }),
    'no UTF-8': send('POST', '/v1/reconciliations', { text: Buffer.concat([Buffer.from(text), Buffer.from([0xff])]) }),
    'wrong stage': send('POST', '/v1/events', { json: { ...record('missing', 'shop'), stage: canary('stage') } }),
    'unknown member': send('PUT', `/v1/processes/${PROCESS}`, {
      json: { ...definition, [canary('field')]: canary('value') },
    }),
    'wrong window': send('POST', '/v1/reconciliations', {
      json: { process: canary('process'), from: canary('from'), to: canary('to') },
    }),
    'wrong query': send('GET', `/v1/events?process=${PROCESS}&key=${canary('key-missing')}&limit=${canary('limit')}`),
    'wrong cursor': send('GET', `/v1/reconciliations?cursor=${canary('cursor')}`),
    'unknown window': send('GET', `/v1/reconciliations/${canary('window')}`),
    'unknown alert': send('GET', `/v1/alerts/${canary('alert')}`),
    'unknown process': send('GET', `/v1/processes/${canary('process')}`),
    'unknown route': send('GET', `/v1/${canary('route')}?${canary('query')}=1`),
    'wrong precondition': send('PUT', `/v1/processes/${PROCESS}`, {
      json: definition,
      headers: { 'if-match': canary('tag') },
    }),
    'wrong content type': send('POST', '/v1/events', { text, type: `application/${canary('type')}` }),
    'wrong key': send('GET', '/v1/alerts', { headers: { authorization: `Bearer ${canary('key')}` } }),
    'unsigned webhook': send('POST', '/v1/webhooks/pagerduty', {
      json: { event: { id: canary('event'), data: { title: canary('title') } } },
      headers: { 'x-pagerduty-signature': `v1=${canary('signature')}` },
    }),
    'wrong policy': send('PUT', `/v1/escalation-policies/${POLICY}`, {
      json: { levels: [{ targets: [{ routingKey: canary('routing') }] }] },
    }),
  };
  for (const [what, answer] of Object.entries(wrong)) answers.set(what, await answer);
}

/** Opens the window. Its judgement fails in the engine, which quotes what was to be stored, until it does not any more. */
async function judge(): Promise<string> {
  let id = '';
  await refusing('discrepancies', 'found', async () => {
    ({ id } = await api.post<{ id: string }>('/v1/reconciliations', WINDOW));
    await failsInWorker('reconcileWindow.judge');
    const { raw } = await temporal.workflow.getHandle(`window/${id}`).describe();
    collectTexts(raw, 'description of the failing window', underWay);
  });
  await eventually('the verdict', async () =>
    (await api.get<Reconciliation>(`/v1/reconciliations/${id}`)).state === 'gaps' ? true : undefined,
  );
  return id;
}

/** A person whose name is nobody's business acknowledges in PagerDuty. */
async function respond(alert: string): Promise<void> {
  const dedupKey = `${alert}/L1/R0`;
  await eventually('the page', async () =>
    (await stage.pagerDuty.state()).notifications.some((one) => one.dedupKey === dedupKey) ? true : undefined,
  );
  await stage.pagerDuty.acknowledge(dedupKey, { id: 'PUSER02', type: 'user_reference', summary: 'Responder' });
  await eventually('the acknowledgement', async () =>
    (await api.get<Alert>(`/v1/alerts/${alert}`)).state === 'acknowledged' ? true : undefined,
  );
}

async function accept(id: string): Promise<void> {
  const path = `/v1/reconciliations/${id}/acceptances`;
  const reason = canary('reason');
  const discrepancies = [{ key: canary('key-accepted'), stage: 'erp', kind: 'mutated' }];
  await refusing('acceptance_proposals', 'reason', async () => {
    answers.set('insert of a reason', await send('POST', path, { json: { discrepancies, reason } }));
  });
  const unknown = [{ key: canary('key-unknown'), stage: 'erp', kind: 'missing' }];
  answers.set('unknown discrepancy', await send('POST', path, { json: { discrepancies: unknown, reason } }));
  await api.post(path, { discrepancies, reason });
}

async function heal(): Promise<void> {
  const lines = [
    ...['mutated', 'missing', 'orphan'].flatMap((order) => [
      record(order, 'shop', 2, true),
      record(order, 'erp', 2, true),
    ]),
  ];
  await api.sendEvents(Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')), 'application/x-ndjson');
}

/** Reads everything, page by page, so that cursors are made of what they must not show; and once from an engine that has lost the table. */
async function ask(id: string): Promise<void> {
  const key = canary('key-missing');
  await readPages('/v1/events', { process: PROCESS, key });
  await readPages(`/v1/reconciliations/${id}/discrepancies`, { revision: 1 });
  await readPages(`/v1/reconciliations/${id}/discrepancies`, { revision: 1, key });
  await api.get('/v1/intake', { source: canary('source-shop'), from: `${DAY}T00:00:00Z`, to: `${DAY}T01:00:00Z` });
  await engine.command({ query: 'RENAME TABLE tracking_records TO tracking_records_away' });
  try {
    answers.set('query for a timeline', await send('GET', `/v1/events?process=${PROCESS}&key=${key}`));
  } finally {
    await engine.command({ query: 'RENAME TABLE tracking_records_away TO tracking_records' });
  }
}

async function readPages(path: string, query: Readonly<Record<string, string | number>>): Promise<void> {
  let cursor: string | undefined;
  do ({ next: cursor } = await api.get<{ next?: string }>(path, { ...query, limit: 1, cursor }));
  while (cursor !== undefined);
}

/** While it runs, the engine refuses rows with a canary in the column, and says what the row held. */
async function refusing(table: string, column: string, run: () => Promise<void>): Promise<void> {
  await engine.command({
    query: `ALTER TABLE ${table} ADD CONSTRAINT no_canaries CHECK position(${column}, '${MARK}') = 0`,
  });
  try {
    await run();
  } finally {
    await engine.command({ query: `ALTER TABLE ${table} DROP CONSTRAINT no_canaries` });
  }
}

/** Waits until an activity has failed, and nobody has foreseen it. */
async function failsInWorker(activity: string): Promise<void> {
  const log = stage.stack.supervisor.logPath('worker');
  await eventually(`${activity} fails`, async () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .some((line) => line.includes(`"activity":"${activity}"`) && line.includes('"level":50'))
      ? true
      : undefined,
  );
}

interface Body {
  readonly json?: unknown;
  readonly text?: string | Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request, not repeated. @returns the status */
async function send(
  method: string,
  path: string,
  { json, text, type = 'application/json', headers }: Body = {},
): Promise<number> {
  const body = json === undefined ? text : JSON.stringify(json);
  const response = await fetch(`${stage.stack.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${stage.stack.adminKey()}`,
      'idempotency-key': `${canary('idempotency')}-${randomBytes(4).toString('hex')}`,
      'user-agent': canary('agent'),
      tracestate: `k=${canary('trace')}`,
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function count(query: string): Promise<number> {
  const answer = await engine.query({ query, format: 'JSONEachRow' });
  return Number((await answer.json<{ n: string }>())[0]!.n);
}

/** A workflow that no worker takes: everything that is said to it stays in its history. */
async function startControl(): Promise<void> {
  const handle = await temporal.workflow.start('control', {
    workflowId: 'control',
    taskQueue: 'nobody',
    args: [{ deep: [CONTROL] }],
    memo: { note: CONTROL },
  });
  await handle.signal('said', CONTROL);
}

async function endControl(): Promise<void> {
  await temporal.workflow.getHandle('control').terminate(CONTROL);
  await temporal.connection.workflowService.startWorkflowExecution({
    namespace: 'default',
    requestId: randomBytes(8).toString('hex'),
    workflowId: 'control-details',
    workflowType: { name: 'control' },
    taskQueue: { name: 'nobody' },
  });
  await temporal.connection.workflowService.terminateWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: 'control-details' },
    details: {
      payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(CONTROL)) }],
    },
  });
}

/** Every text of every workflow, closed ones too: of its history, and of its description. */
async function textsOfWorkflows(): Promise<Text[]> {
  // What visibility lists comes a moment later.
  const executions = await eventually('all workflows are listed and closed', async () => {
    const listed: { workflowId: string; runId: string; isOpen: boolean }[] = [];
    for await (const { workflowId, runId, status } of temporal.workflow.list())
      listed.push({ workflowId, runId, isOpen: status.name === 'RUNNING' });
    const names = listed.map(({ workflowId }) => workflowId.split('/', 1)[0]);
    const isComplete = ['change', 'open-window', 'window', 'alert', 'control', 'control-details'].every((name) =>
      names.includes(name),
    );
    return isComplete && listed.every(({ isOpen }) => !isOpen) ? listed : undefined;
  });
  return textsOfRuns(temporal, executions);
}
