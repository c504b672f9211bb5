import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { formatInstant, microsOf } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { HOUR, MINUTE, processOn, startStage, STAGES, until, type Stage } from '../workflow/stage';

const GUIDE = readFileSync(join(__dirname, '../../docs/guides/analytics.md'), 'utf8');
const VIEWS = ['transaction_log', 'fact_events', 'fact_windows', 'fact_discrepancies'];
const DIMENSIONS = ['dim_process', 'dim_stage', 'dim_source', 'dim_event_type', 'dim_time'];
const PROCESS = 'order-to-cash';
const DAY = microsOf('2026-11-19T00:00:00Z');
const NINE = DAY + 9 * HOUR;

let temporal: TemporalServer;
let stage: Stage;
let orders: Awaited<ReturnType<typeof processOn>>;
let sent = 0;

type Row = Record<string, any>;
const rows = async (query: string): Promise<Row[]> =>
  (await stage.sql.query({ query, format: 'JSONEachRow' })).json<Row>();
const event = (over: Row = {}): Row => ({
  id: `e${(sent += 1)}`,
  source: 'shop',
  process: PROCESS,
  stage: 'shop',
  key: `K${sent}`,
  type: 'order.placed',
  occurredAt: formatInstant(NINE),
  originAt: formatInstant(NINE),
  data: { amount: 1 },
  ...over,
});
async function send(...body: Row[]): Promise<Row> {
  const answer = await stage.call('POST', '/v1/events', { body });
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
  return answer.body as Row;
}
/** Puts a document. @returns its ETag */
const put = async (path: string, body: Row, etag?: string): Promise<string> => {
  const headers = etag === undefined ? {} : { 'if-match': etag };
  const answer = await stage.call('PUT', path, { body, headers });
  expect([answer.body, answer.status]).toEqual([answer.body, 200]);
  return answer.headers.get('etag')!;
};
const classOf = async (id: string): Promise<string[]> =>
  (await rows(`SELECT DISTINCT class FROM transaction_log WHERE id = '${id}' ORDER BY class`)).map(
    (row) => row['class'],
  );

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address);
  orders = await processOn(stage, PROCESS, { retentionClass: 'financial', graceSeconds: 0 });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

/** What the star says of a stretch of time, stage by stage, in the words of the judge's digests. */
const starOf = (from: number, to: number) =>
  rows(`SELECT stage, definition, toInt64(sum(events)) AS events, toString(sum(digest_sum)) AS digestSum FROM fact_events
        WHERE process = '${PROCESS}' AND origin_at >= fromUnixTimestamp64Micro(${from}) AND origin_at < fromUnixTimestamp64Micro(${to})
        GROUP BY stage, definition ORDER BY stage, definition`);
async function expectStarToAgree(): Promise<void> {
  const evidence = stage.worker.get(EvidenceStore, { strict: false });
  const spans = [
    [DAY, DAY + 24 * HOUR],
    [NINE, NINE + HOUR],
    [NINE + MINUTE, NINE + 2 * MINUTE],
    [DAY, NINE],
  ] as const;
  for (const [from, to] of spans) {
    const digests = await evidence.digests({ process: PROCESS, from, to });
    const star = await starOf(from, to);
    expect(star.map((row) => ({ ...row, events: Number(row['events']) }))).toEqual(
      digests.map(({ stage: name, definition, events, digestSum }) => ({ stage: name, definition, events, digestSum })),
    );
  }
  const [counted] = await rows(
    'SELECT sum(events) AS events, count() AS rows, uniqExact(event_identity) AS distinct FROM fact_events',
  );
  const [log] = await rows('SELECT sum(sign) AS signs FROM transaction_log');
  expect(counted).toEqual({ events: log!['signs'], rows: log!['signs'], distinct: log!['signs'] });
}
const countOf = async (): Promise<number> =>
  Number((await rows('SELECT sum(events) AS events FROM fact_events'))[0]!['events']);

describe('facts of events', () => {
  it('are what windows count, and nothing else: no tests, no probes, nothing that failed; entered by hand counts', async () => {
    await orders.tell(NINE, 'A1');
    await orders.tell(NINE + MINUTE, 'A2');
    await send(
      event({ test: true }),
      event({ synthetic: true }),
      event({ status: 'failed' }),
      event({ id: 'by-hand', manual: true }),
    );
    expect(await countOf()).toBe(7);
    expect(await rows("SELECT manual FROM fact_events WHERE event_id = 'by-hand'")).toEqual([{ manual: true }]);
    await expectStarToAgree();
    const { body } = await stage.call('GET', `/v1/events?process=${PROCESS}&key=K2`);
    expect(body.items).toMatchObject([{ test: false, synthetic: true, manual: false }]);
  });

  it('follow further attempts, those that take an event back too, and origins that move', async () => {
    const moved = event({ id: 'moved', key: 'M', originAt: undefined, manual: true });
    await send(moved, event({ id: 'again', key: 'N' }), event({ id: 'fails', key: 'N' }));
    const [first] = await rows("SELECT received_at FROM fact_events WHERE event_id = 'moved'");
    await send(
      event({ id: 'again', key: 'N', attempt: 2, data: { amount: 2 } }),
      event({ id: 'fails', key: 'N', attempt: 2, status: 'failed' }),
      event({ key: 'M', stage: 'erp', originAt: formatInstant(DAY + HOUR) }),
    );
    expect(await rows("SELECT event_id, attempt FROM fact_events WHERE key = 'N'")).toEqual([
      { event_id: 'again', attempt: 2 },
    ]);
    // It stands elsewhere, and is otherwise what it was.
    const at = 'toHour(origin_hour) AS hour, manual, received_at';
    expect(await rows(`SELECT ${at} FROM fact_events WHERE event_id = 'moved'`)).toEqual([
      { hour: 1, manual: true, received_at: first!['received_at'] },
    ]);
    expect(await countOf()).toBe(10);
    await expectStarToAgree();
  });

  it('and the log agree with the account', async () => {
    const again = event();
    await send(
      again,
      again,
      { ...again, data: { amount: 3 } },
      event({ stage: 'nowhere' }),
      event({ process: 'none' }),
    );
    const second = (ms: number): string => formatInstant(Math.floor(ms / 1000) * 1_000_000);
    const query = `from=${second(Date.now() - 3_600_000)}&to=${second(Date.now() + 2_000)}`;
    const { body: account } = await stage.call('GET', `/v1/intake?${query}`);
    const log = await rows(
      `SELECT outcome, toUInt32(count()) AS n, toInt32(sum(sign)) AS signs FROM transaction_log GROUP BY outcome ORDER BY outcome`,
    );
    const counts = Object.fromEntries(log.map((row) => [row['outcome'], row['n']]));
    expect(counts).toMatchObject({
      stored: account.stored,
      duplicate: account.duplicate,
      conflict: account.conflict,
      rejected: account.rejected,
    });
    expect(counts['rejected']).toBe(2);
    const signs = log.reduce((sum, row) => sum + (row['signs'] as number), 0);
    expect(await countOf()).toBe(signs);
  });
});

describe('retention classes', () => {
  it('are those of the process when a record came; a correction is kept with what causes it', async () => {
    await send(
      event({ id: 'kept', key: 'R', source: 'hub' }),
      event({ id: 'probe', key: 'R', source: 'hub', synthetic: true }),
    );
    expect([await classOf('kept'), await classOf('probe')]).toEqual([['financial'], ['test']]);
    const { headers } = await stage.call('GET', `/v1/processes/${PROCESS}`);
    const { body } = await stage.call('GET', `/v1/processes/${PROCESS}`);
    const { id: _, version: _v, changedBy: _b, changedAt: _a, ...definition } = body;
    await put(`/v1/processes/${PROCESS}`, { ...definition, retentionClass: 'audit' }, headers.get('etag')!);
    await until('intake has heard of it', async () => {
      const probe = event({ status: 'failed', key: 'heard' });
      await send(probe);
      return (await classOf(probe['id'])).includes('audit');
    });
    await send(event({ id: 'kept', key: 'R', source: 'hub', attempt: 2 }));
    const log = await rows(
      "SELECT attempt, outcome, class FROM transaction_log WHERE id = 'kept' ORDER BY received_at, outcome",
    );
    expect(log).toEqual([
      { attempt: 1, outcome: 'stored', class: 'financial' },
      { attempt: 2, outcome: 'stored', class: 'audit' },
      { attempt: 1, outcome: 'retraction', class: 'audit' },
    ]);
    // Also where what causes it is a test.
    await send(event({ id: 'kept', key: 'R', source: 'hub', attempt: 3, test: true }));
    expect(
      await rows("SELECT outcome, class FROM transaction_log WHERE id = 'kept' AND class = 'test' ORDER BY outcome"),
    ).toEqual([
      { outcome: 'stored', class: 'test' },
      { outcome: 'retraction', class: 'test' },
    ]);
    await expectStarToAgree();
    const partitions = await rows(
      "SELECT DISTINCT partition FROM system.parts WHERE table = 'tracking_records' AND database = 'app' AND active",
    );
    expect(new Set(partitions.map((row) => /'(\w+)'/.exec(row['partition'])?.[1]))).toEqual(
      new Set(['standard', 'financial', 'audit', 'test']),
    );
  });

  it('an insert of which a crash left some parts is made whole by the same block under the same token', async () => {
    const [columns, values] = ['process, source, id, class, received_at', "'p', 's', 'x', 'short', '2026-01-01'"];
    const insert = (): Promise<unknown> =>
      stage.sql.command({
        query: `INSERT INTO tracking_records (${columns}) VALUES (${values}), (${values.replace('short', 'audit')})`,
        clickhouse_settings: { insert_deduplication_token: 'halves' },
      });
    const parts = async () =>
      (await rows("SELECT class FROM tracking_records WHERE id = 'x' ORDER BY class")).map((row) => row['class']);
    await insert();
    expect(await parts()).toEqual(['short', 'audit']);
    await stage.sql.command({ query: "ALTER TABLE tracking_records DROP PARTITION ('short', 202601)" });
    await insert();
    expect(await parts()).toEqual(['short', 'audit']);
    await insert();
    expect(await parts()).toEqual(['short', 'audit']);
    for (const name of ['short', 'audit'])
      await stage.sql.command({ query: `ALTER TABLE tracking_records DROP PARTITION ('${name}', 202601)` });
  });
});

describe('dimensions', () => {
  const versions = (dimension: string, id: string, name: string, version: string): Promise<Row[]> =>
    rows(
      `SELECT ${version} AS version, owner, is_current, valid_from < valid_to AS holds FROM ${dimension} WHERE ${name} = '${id}' ORDER BY version`,
    );

  it('hold from one version to the next, without gaps, and one is current', async () => {
    const etag = await put('/v1/sources/shop', { owner: 'sales' });
    await put('/v1/sources/shop', { owner: 'shops' }, etag);
    expect(await versions('dim_source', 'shop', 'source', 'version')).toEqual([
      { version: 0, owner: '', is_current: 0, holds: 1 },
      { version: 1, owner: 'sales', is_current: 0, holds: 1 },
      { version: 2, owner: 'shops', is_current: 1, holds: 1 },
    ]);
    expect(await versions('dim_source', 'hub', 'source', 'version')).toEqual([
      { version: 0, owner: '', is_current: 1, holds: 1 },
    ]);
    for (const [name, key] of [
      ['dim_process', 'process'],
      ['dim_stage', 'process, stage'],
      ['dim_source', 'source'],
      ['dim_event_type', 'event_type'],
    ]) {
      const [found] = await rows(`
        SELECT countIf(currents != 1) AS without, countIf(gaps > 0) AS broken FROM (
          SELECT countIf(is_current) AS currents, countIf(valid_to != next AND next != '1970-01-01 00:00:00') AS gaps FROM (
            SELECT *, leadInFrame(valid_from) OVER (PARTITION BY ${key} ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next FROM ${name}
          ) GROUP BY ${key})`);
      expect([name, found]).toEqual([name, { without: 0, broken: 0 }]);
    }
  });

  it('are met by every fact, once', async () => {
    await put('/v1/contracts/order.placed', {
      owner: 'orders-team',
      enforcement: 'warn',
      schema: { type: 'object', properties: { amount: { type: 'number' } } },
    });
    await until('a contract holds', async () => {
      const checked = event({ key: 'C' });
      await send(checked);
      return (
        (await rows(`SELECT 1 FROM fact_events WHERE event_id = '${checked['id']}' AND contract_version = 1`)).length >
        0
      );
    });
    const facts = await countOf();
    const [joined] = await rows(`
      SELECT count() AS rows FROM fact_events AS e
      INNER JOIN dim_process AS p ON e.process = p.process AND e.received_at >= p.valid_from AND e.received_at < p.valid_to
      INNER JOIN dim_stage AS s ON e.process = s.process AND e.stage = s.stage AND p.version = s.version
      INNER JOIN dim_source AS o ON e.source = o.source AND e.received_at >= o.valid_from AND e.received_at < o.valid_to
      INNER JOIN dim_event_type AS t ON e.event_type = t.event_type AND e.contract_version = t.contract_version
      INNER JOIN dim_time AS h ON e.origin_hour = h.hour`);
    expect(Number(joined!['rows'])).toBe(facts);
  });
});

describe('facts of windows', () => {
  it('are the revisions and discrepancies that the API tells of', async () => {
    await orders.tell(DAY + 12 * HOUR, 'W1');
    await orders.tell(DAY + 12 * HOUR, 'W2', ['shop', 'hub']);
    await orders.tell(DAY + 12 * HOUR, 'W3', ['shop', 'hub']);
    const window = await orders.open(DAY + 12 * HOUR, DAY + 13 * HOUR);
    await window.is('gaps');
    const [found] = await window.discrepancies();
    const { key, stage: where, kind } = found;
    expect(
      (await window.accept({ discrepancies: [{ key, stage: where, kind }], reason: 'known', revision: 1 })).status,
    ).toBe(201);
    const told = await window.revisions();
    expect(
      await rows(
        `SELECT revision, state, toUInt32(open) AS open, toUInt32(accepted) AS accepted FROM fact_windows WHERE reconciliation = '${window.id}' ORDER BY revision`,
      ),
    ).toEqual(told.map(({ revision, state, open, accepted }) => ({ revision, state, open, accepted })));
    expect(
      await rows(
        `SELECT revision, toUInt32(missing) AS missing, toUInt32(stage_counts['shop']) AS shop, process_version, toHour(from_hour) AS hour FROM fact_windows WHERE is_newest AND reconciliation = '${window.id}'`,
      ),
    ).toEqual([{ revision: told.length, missing: 2, shop: 3, process_version: 2, hour: 12 }]);
    const listed = await window.discrepancies();
    expect(
      await rows(
        `SELECT key, stage, kind, standing FROM fact_discrepancies WHERE is_newest AND reconciliation = '${window.id}' ORDER BY key`,
      ),
    ).toEqual(
      listed.map((one: Row) => ({ key: one['key'], stage: one['stage'], kind: one['kind'], standing: one['status'] })),
    );
    expect(listed.map((one: Row) => one['status']).sort()).toEqual(['accepted', 'open']);
  });
});

describe('the guide', () => {
  const examples = [...GUIDE.matchAll(/```sql\n([^`]+)```/g)].map(([, query]) => query!);

  it('has examples that answer', async () => {
    expect(examples).toHaveLength(5);
    const [byStage, byOwner, byClass, byDay, byHop] = await Promise.all(examples.map(rows));
    const number = (of: Row[], column: string): number => of.reduce((sum, row) => sum + Number(row[column]), 0);
    expect(byStage!.map((row) => [row['position'], row['stage']])).toEqual(
      STAGES.map((name, index) => [index + 1, name]),
    );
    for (const answer of [byStage!, byOwner!, byClass!]) expect(number(answer, 'events')).toBe(await countOf());
    expect(byOwner!.map((row) => [row['owner'], row['event_type'], row['contract_version']])).toEqual([
      ['', 'order', 0],
      ['', 'order.placed', 0],
      ['orders-team', 'order.placed', 1],
    ]);
    expect(byClass!.map((row) => [row['version'], row['retention_class']])).toEqual([
      [1, 'financial'],
      [2, 'audit'],
    ]);
    expect(byDay).toEqual([{ day_of_week: 4, windows: 1, matched: 0 }]);
    expect(byHop).toEqual([{ hop: expect.stringContaining('erp'), kind: 'missing', discrepancies: 2, open: 1 }]);
  });

  it('names every column of every view', async () => {
    const columns = await rows(
      "SELECT table, name FROM system.columns WHERE database = 'app' ORDER BY table, position",
    );
    const of = (view: string): string[] => columns.filter((row) => row['table'] === view).map((row) => row['name']);
    const section = (view: string): string =>
      GUIDE.split(new RegExp(`^\`${view}\``, 'm'))[1]?.split(/\n\n[^|\n]/)[0] ?? '';
    const line = (view: string): string => GUIDE.split('\n').find((one) => one.startsWith(`| \`${view}\``)) ?? '';
    for (const view of [...VIEWS, ...DIMENSIONS]) {
      const text = DIMENSIONS.includes(view) ? line(view) : section(view);
      expect([view, of(view).length > 5, of(view).filter((name) => !text.includes(`\`${name}\``))]).toEqual([
        view,
        true,
        [],
      ]);
    }
  });
});
