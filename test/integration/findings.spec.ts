import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { ContractsService } from '@holdfast/domains/contracts/contracts.service';
import { BUCKET, hourOfWeek, WEEK } from '@holdfast/domains/findings/core/lull';
import { alertIdOf, type AlertsOf, owedFor } from '@holdfast/domains/findings/core/finding';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import { NEWEST, type FindingFilter, type StoredFinding } from '@holdfast/domains/findings/core/finding-story';
import { FindingsStore } from '@holdfast/domains/findings/findings.store';
import { InspectionStore, SOURCES_AT_ONCE } from '@holdfast/domains/findings/inspection.store';
import { ArrivalInspection } from '@holdfast/domains/findings/inspections/arrival-inspection';
import { ChecksumInspection } from '@holdfast/domains/findings/inspections/checksum-inspection';
import { ClockInspection } from '@holdfast/domains/findings/inspections/clock-inspection';
import { SequenceInspection } from '@holdfast/domains/findings/inspections/sequence-inspection';
import { SETTLED } from '@holdfast/domains/findings/inspections/slices';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { at, intakeSuite } from '../intake/stack';

const MINUTE: Micros = 60_000_000;
const HOUR = 60 * MINUTE;
/** Virtual: records are written as received then. A Friday. */
const START = at('2026-03-06T12:00:00Z');

const suite = intakeSuite();
let findings: FindingsStore;
let store: InspectionStore;
let sequences: SequenceInspection;
let arrivals: ArrivalInspection;
let clocks: ClockInspection;
let checksums: ChecksumInspection;

beforeAll(async () => {
  const { api, clickhouse } = suite.stack;
  const register = new RegisterStore(clickhouse);
  const source = async (id: string, document: object): Promise<void> => {
    const body = JSON.stringify({ owner: `${id}-team`, invalidRecords: 'reject', ...document });
    await register.append('source', id, 1, `${id}-1`, { body, by: 'admin', at: START });
  };
  await source('critical', { escalationPolicy: 'on-call' });
  await source('silent', { escalationPolicy: 'on-call', alertOn: [] });
  await source('patient', { inspection: { graceSeconds: 3600 } });
  await source('exact', { inspection: { clockSkewSeconds: 5 } });
  const service = <T>(of: abstract new (...args: never[]) => T): T => api.app.get(of, { strict: false });
  findings = new FindingsStore(clickhouse);
  store = new InspectionStore(clickhouse);
  const sources = service(SourceService);
  const recorder = new FindingRecorder(findings, sources, service(ContractsService));
  sequences = new SequenceInspection(store, recorder, sources);
  arrivals = new ArrivalInspection(store, findings, recorder);
  clocks = new ClockInspection(store, recorder, service(CatalogService), sources);
  checksums = new ChecksumInspection(store, recorder);
});

interface Row {
  readonly source: string;
  readonly stage?: string;
  readonly key?: string;
  readonly receivedAt: Micros;
  readonly occurredAt?: Micros;
  readonly sequence?: number;
  readonly identity?: string;
  readonly outcome?: string;
  readonly reason?: string;
}
let rows = 0;
const quoted = (text: string): string => `'${text}'`;
const instant = (micros: Micros): string => `fromUnixTimestamp64Micro(${micros}, 'UTC')`;

/** Records as intake would have stored them, at times of the test's own. */
async function received(...records: Row[]): Promise<void> {
  const values = records.map((one) => {
    const { source, stage = 'shop', key = `key-${rows}`, receivedAt, occurredAt = receivedAt, sequence } = one;
    const identity = (one.identity ?? String((rows += 1))).padStart(16, '0');
    const texts = [source, stage, key, identity, one.outcome ?? 'stored', one.reason ?? ''].map(quoted);
    return `(${[quoted('orders'), ...texts, instant(receivedAt), instant(occurredAt), instant(occurredAt), sequence ?? 'NULL', quoted('{}')].join(',')})`;
  });
  await suite.stack.clickhouse.command(
    `INSERT INTO tracking_records (process, source, stage, key, identity, outcome, reason, received_at, occurred_at, origin_at, sequence, data) VALUES ${values.join(',')}`,
  );
}
const numbered = (source: string, receivedAt: Micros, ...sequences: number[]): Row[] =>
  sequences.map((sequence) => ({ source, receivedAt, sequence }));

const found = (filter: FindingFilter): Promise<StoredFinding[]> => findings.list(filter, NEWEST, 100);
const heartbeat = (): void => undefined;
/** Until so long after the start. */
const inspect = (minutes: number): Promise<number> =>
  sequences.run({ at: START + minutes * MINUTE + SETTLED - MINUTE, heartbeat });
const one = async (filter: FindingFilter): Promise<StoredFinding> => {
  const all = await found(filter);
  expect(all).toHaveLength(1);
  return all[0]!;
};

// Marks are the inspections' own: these tests follow one another in time.
describe('sequences', () => {
  test('a gap is told after its grace, once, and fixed when what was missing arrives', async () => {
    await received(
      ...numbered('critical', START + MINUTE, 1, 2, 3, 7, 8),
      ...numbered('patient', START + MINUTE, 1, 3),
    );
    await inspect(4);
    expect(await found({ kind: 'sequence_gap' })).toEqual([]);
    await inspect(10);
    const gap = await one({ kind: 'sequence_gap' });
    expect(gap).toMatchObject({
      ...{ source: 'critical', process: 'orders', stage: 'shop', severity: 'critical', state: 'open' },
      extent: { numbers: { from: 4, to: 6 }, cases: 3 },
      ...{ owner: 'critical-team', policy: 'on-call', occurrences: 1 },
    });
    await received(...numbered('critical', START + 12 * MINUTE, 5, 9));
    await inspect(15);
    expect(await one({ source: 'critical' })).toMatchObject({ id: gap.id, extent: { cases: 2 }, state: 'open' });
    await received(...numbered('critical', START + 16 * MINUTE, 6, 4));
    await inspect(20);
    expect(await one({ source: 'critical' })).toMatchObject({ id: gap.id, extent: { cases: 0 }, state: 'fixed' });
    expect((await findings.steps(gap.id)).map(({ step, doneBy }) => [step, doneBy])).toEqual([
      ['found', ''],
      ['fixed', ''],
    ]);
  });

  test('what took longer than the settling time to be stored is not told as missing', async () => {
    await received(...numbered('slow', START + 21 * MINUTE, 1, 3));
    await inspect(23);
    await received(...numbered('slow', START + 21 * MINUTE, 2)); // received then, and stored only now
    await inspect(35);
    expect(await found({ source: 'slow' })).toEqual([]);
  });

  test('a number of two events is a finding, one of an event that was corrected is none', async () => {
    const receivedAt = START + 36 * MINUTE;
    await received(...numbered('twice', receivedAt, 1, 2, 3), {
      source: 'twice',
      receivedAt,
      sequence: 4,
      identity: 'same',
    });
    await received({ source: 'twice', receivedAt: receivedAt + MINUTE, sequence: 4, identity: 'same' });
    await received(...numbered('twice', receivedAt + 2 * MINUTE, 2, 5));
    await inspect(40);
    expect(await one({ source: 'twice' })).toMatchObject({
      ...{ kind: 'sequence_duplicate', state: 'open', severity: 'error', policy: '' },
      extent: { numbers: { from: 2, to: 2 }, cases: 2 },
    });
  });

  test('a numbering that begins anew is told as that', async () => {
    const numbers = Array.from({ length: 150 }, (_, n) => n + 5_000_000);
    await received(...numbered('anew', START + 41 * MINUTE, ...numbers));
    await received(...numbered('anew', START + 42 * MINUTE, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12));
    await inspect(50);
    expect((await found({ source: 'anew' })).map(({ kind, extent }) => [kind, extent.numbers]).sort()).toEqual([
      ['sequence_gap', { from: 9, to: 9 }],
      ['sequence_reset', { from: 1, to: 12 }],
    ]);
  });

  test('late numbers are counted beyond the tolerance, in one finding of their scope, once each', async () => {
    const lateAt = (minute: number, ...late: number[]): Row[] => numbered('late', START + minute * MINUTE, ...late);
    await received(...lateAt(51, 1, 2, 30, 31), ...lateAt(52, 3), ...lateAt(53, 25, 26));
    await inspect(55);
    const first = await one({ kind: 'out_of_order', source: 'late' });
    expect(first).toMatchObject({ extent: { numbers: { from: 3, to: 3 }, cases: 1 } });
    await received(...lateAt(56, 4, 5));
    await inspect(58);
    await inspect(58);
    expect(await one({ kind: 'out_of_order', source: 'late' })).toMatchObject({
      id: first.id,
      extent: { numbers: { from: 3, to: 5 }, cases: 3 },
    });
  });

  test('an inspection that was cut short before its mark is repeated and changes nothing', async () => {
    await received(...numbered('cut', START + 61 * MINUTE, 1, 2, 40), ...numbered('cut', START + 62 * MINUTE, 3));
    const cut = new (class extends InspectionStore {
      override async putSequences(): Promise<void> {
        throw new Error('killed');
      }
    })(suite.stack.clickhouse);
    const { api, clickhouse } = suite.stack;
    const sources = api.app.get(SourceService, { strict: false });
    const recorder = new FindingRecorder(
      new FindingsStore(clickhouse),
      sources,
      api.app.get(ContractsService, { strict: false }),
    );
    const upTo = { at: START + 63 * MINUTE + SETTLED, heartbeat };
    await expect(new SequenceInspection(cut, recorder, sources).run(upTo)).rejects.toThrow('killed');
    await received(...numbered('cut', START + 66 * MINUTE, 4));
    await inspect(70); // later, when more has come: the slice ends where it did
    const late = await one({ kind: 'out_of_order', source: 'cut' });
    expect(late).toMatchObject({ extent: { cases: 2 }, occurrences: 1 });
  });
});

describe('sequences of a numbering that begins anew', () => {
  const DAY = 24 * HOUR;
  const day = (number: number, ...lost: number[]): Row[] =>
    numbered(
      'daily',
      START + number * DAY,
      ...Array.from({ length: 150 }, (_, n) => n + 1).filter((n) => !lost.includes(n)),
    );
  const gaps = async (): Promise<StoredFinding[]> => found({ source: 'daily', kind: 'sequence_gap' });

  test("a gap is of its numbering: one that is accepted does not take the next day's", async () => {
    await received(...day(1, 40), { source: 'daily', receivedAt: START + DAY, sequence: 60 });
    await inspect(24 * 60 + 30);
    const accepted = await one({ source: 'daily', kind: 'sequence_gap' });
    await findings.addSteps([{ finding: accepted.id, at: accepted.changedAt + 1, step: 'accepted', by: 'ada' }]);
    await received(...day(2, 40), { source: 'daily', receivedAt: START + 2 * DAY, sequence: 60 });
    await inspect(2 * 24 * 60 + 30);
    expect((await gaps()).map(({ state, extent }) => [state, extent.cases])).toEqual([
      ['open', 1],
      ['accepted', 1],
    ]);
    const twice = await found({ source: 'daily', kind: 'sequence_duplicate' });
    expect(twice.map(({ extent }) => [extent.numbers, extent.cases])).toEqual([
      [{ from: 60, to: 60 }, 2],
      [{ from: 60, to: 60 }, 2],
    ]);
  });

  test('of thousands of gaps and numbers used twice a hundred findings are made, and the last has the rest', async () => {
    const at = START + 3 * DAY;
    const odd = Array.from({ length: 400 }, (_, n) => 2 * n + 1);
    const twice = Array.from({ length: 1_000 }, (_, n) => n + 10_001);
    await received(...numbered('holes', at, ...odd), ...numbered('doubles', at, ...twice, ...twice));
    await inspect(3 * 24 * 60 + 30);
    const holes = await findings.list({ source: 'holes' }, NEWEST, 1_000);
    expect(holes.length).toBe(100);
    expect(holes.reduce((sum, { extent }) => sum + extent.cases, 0)).toBe(399);
    const doubles = await one({ source: 'doubles' });
    expect(doubles).toMatchObject({
      kind: 'sequence_duplicate',
      extent: { numbers: { from: 10_001, to: 11_000 }, cases: 2_000, measures: { numbers: 1_000 } },
    });
  });

  test('a slice that is more than the engine can read at once is read in halves', async () => {
    const at = START + 4 * DAY;
    await received(...numbered('much', at + MINUTE, 1, 2), ...numbered('much', at + 4 * MINUTE, 3, 6));
    await store.putMark('sequences', at);
    const asked: number[] = [];
    const limited = new (class extends InspectionStore {
      override runs(from: Micros, to: Micros, limit: number): ReturnType<InspectionStore['runs']> {
        asked.push(to - from);
        return to - from > 2 * MINUTE ? this.short(from, to) : super.runs(from, to, limit);
      }
      /** What the engine answers where memory does not do. */
      private async short(from: Micros, to: Micros): ReturnType<InspectionStore['runs']> {
        const over = new (class extends ClickHouse {
          override rows(): Promise<never> {
            return suite.stack.clickhouse.command('SELECT groupArray(number) FROM numbers(1000000)', {
              max_memory_usage: '1000',
            }) as Promise<never>;
          }
        })({ url: 'http://127.0.0.1:1', database: '', username: '', password: '' });
        try {
          return await new InspectionStore(over).runs(from, to, 1);
        } finally {
          await over.close();
        }
      }
    })(suite.stack.clickhouse);
    const { api, clickhouse } = suite.stack;
    const sources = api.app.get(SourceService, { strict: false });
    const contracts = api.app.get(ContractsService, { strict: false });
    await new SequenceInspection(
      limited,
      new FindingRecorder(new FindingsStore(clickhouse), sources, contracts),
      sources,
    ).run({ at: at + 20 * MINUTE, heartbeat });
    expect(Math.max(...asked)).toBeGreaterThan(2 * MINUTE);
    expect(await one({ source: 'much' })).toMatchObject({ extent: { numbers: { from: 4, to: 5 }, cases: 2 } });
  });
});

describe('a life cycle', () => {
  const mismatch = (minute: number): Promise<void> =>
    received({ source: 'critical', stage: 'erp', receivedAt: START + minute * MINUTE, reason: 'digest_mismatch' });
  const look = (minute: number): Promise<number> => checksums.run({ at: START + minute * MINUTE + SETTLED, heartbeat });
  const stands = (): Promise<StoredFinding> => one({ kind: 'checksum_mismatch', source: 'critical' });
  const call = (id: string, action: string, body: object) =>
    suite.stack.send('POST', `/v1/findings/${id}/${action}`, JSON.stringify(body), {
      'content-type': 'application/json',
    });

  test('is open, triaged, fixed, open when it occurs again, and once more after it was accepted', async () => {
    await mismatch(70);
    await mismatch(71);
    await look(75);
    await look(75);
    const { id } = await stands();
    expect(await stands()).toMatchObject({ state: 'open', extent: { cases: 2 }, occurrences: 1 });
    const impact = { cases: 40, amount: '1250.50', currency: 'EUR' };
    expect(await call(id, 'triage', { owner: 'ada', impact, reason: 'looking' })).toMatchObject({
      status: 200,
      body: { state: 'triaged', owner: 'ada', impact },
    });
    expect((await found({ owner: 'ada' })).map((finding) => finding.id)).toEqual([id]);
    expect(await call(id, 'fix', {})).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
    expect(await call(id, 'fix', { reason: 'proxy mended' })).toMatchObject({ body: { state: 'fixed' } });
    expect(await call(id, 'accept', { reason: 'no' })).toMatchObject({ status: 409, body: { code: 'finding_closed' } });
    await look(80);
    expect(await stands()).toMatchObject({ state: 'fixed' });
  });

  test('and pages once for each time that it is open', async () => {
    const { id } = await stands();
    const owed = async (): Promise<ReturnType<typeof owedFor>[]> =>
      (await findings.owed(Date.now() * 1000 + 2 * HOUR, 100)).filter((finding) => finding.id === id).map(owedFor);
    expect(await owed()).toEqual([]); // closed before anybody was to be paged
    // What is observed is later than what people did: as it is where nothing is virtual.
    const later = Date.now() * 1000 + HOUR;
    await received({ source: 'critical', stage: 'erp', receivedAt: later, reason: 'digest_mismatch' });
    await store.putMark('checksums', later - MINUTE);
    await checksums.run({ at: later + MINUTE + SETTLED, heartbeat });
    const again = await stands();
    expect(again).toMatchObject({ state: 'open', occurrences: 2, extent: { cases: 1 } });
    const alert = alertIdOf(again);
    expect(await owed()).toMatchObject([{ raise: [{ alertId: alert, policy: 'on-call' }], end: [] }]);
    await findings.addSteps([{ finding: id, at: later + 3 * MINUTE, step: 'alerted', by: '', alert }]);
    expect(await owed()).toEqual([]);
    await findings.addSteps([{ finding: id, at: later + 4 * MINUTE, step: 'accepted', by: 'ada', reason: 'known' }]);
    expect(await owed()).toEqual([
      { raise: [], end: [{ finding: id, alertId: alert, by: 'ada', reason: 'accepted' }] },
    ]);
    await findings.addSteps([{ finding: id, at: later + 5 * MINUTE, step: 'alert_ended', by: '', alert }]);
    expect(await owed()).toEqual([]);
    await received({ source: 'critical', stage: 'erp', receivedAt: later + 6 * MINUTE, reason: 'digest_mismatch' });
    await checksums.run({ at: later + 8 * MINUTE + SETTLED, heartbeat });
    const anew = await stands();
    expect(anew).toMatchObject({ state: 'open', occurrences: 3, extent: { cases: 1 } });
    expect(await owed()).toMatchObject([{ raise: [{ alertId: alertIdOf(anew) }], end: [] }]);
  });

  test('a list goes page by page and refuses what it does not know', async () => {
    const all: string[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await suite.stack.get(`/v1/findings?limit=50${cursor}`);
      expect(status).toBe(200);
      all.push(...(body['items'] as { id: string }[]).map(({ id }) => id));
      if (body['next'] === undefined) break;
      cursor = `&cursor=${body['next'] as string}`;
    }
    expect(all).toEqual((await findings.list({}, NEWEST, 1_000)).map(({ id }) => id));
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(all).size).toBe(all.length);
    expect((await suite.stack.get('/v1/findings?kind=other')).status).toBe(400);
    expect((await suite.stack.get(`/v1/findings/${'0'.repeat(32)}`)).body['code']).toBe('finding_not_found');
  });

  test('many findings of one kind and scope page once, and those that come after its alert was over page again', async () => {
    const add = async (id: string, foundAt: Micros, stage = 'many'): Promise<void> => {
      await findings.addSteps([{ finding: id, at: foundAt, step: 'found', by: '' }]);
      await findings.put([
        {
          ...{ id, kind: 'sequence_gap', severity: 'critical', source: 'flood', process: 'orders', stage },
          extent: { numbers: { from: 1, to: 2 }, fromAt: foundAt, toAt: foundAt, cases: 2, measures: {} },
          ...{ owner: '', subject: '', policy: 'on-call', foundAt, observedTo: foundAt },
        },
      ]);
    };
    const owed = async (at: Micros): Promise<string[]> =>
      (await findings.owed(at, 1_000)).filter(({ source }) => source === 'flood').map(({ id }) => id);
    const now = START + 30 * HOUR;
    for (let n = 1; n <= 5; n++) await add(`flood-${n}`, now);
    await add('flood-other', now, 'other');
    expect(await owed(now)).toEqual(['flood-1', 'flood-other']);
    const alerted = (id: string, at: Micros) => ({
      finding: id,
      at,
      step: 'alerted' as const,
      by: '',
      alert: `finding-${id}.1`,
    });
    await findings.addSteps([alerted('flood-1', now), alerted('flood-other', now)]);
    await add('flood-6', now + HOUR);
    expect(await owed(now + HOUR)).toEqual([]);
    await findings.addSteps([{ finding: 'flood-1', at: now + 2 * HOUR, step: 'accepted', by: 'ada' }]);
    expect(await owed(now + 2 * HOUR)).toEqual(['flood-1']); // to be ended
    await findings.addSteps([{ ...alerted('flood-1', now + 2 * HOUR), step: 'alert_ended' }]);
    expect(await owed(now + 2 * HOUR)).toEqual([]); // the others were there when it was ended
    await add('flood-7', now + 3 * HOUR);
    expect(await owed(now + 3 * HOUR)).toEqual(['flood-7']);
    expect(await owed(now + 25 * HOUR)).toEqual(['flood-2']); // a day later the oldest that nobody was paged for
    expect((await findings.owed(now + 25 * HOUR, 1)).length).toBe(1);
  });

  test('alerts that are over although their finding is open again are ended', () => {
    const known = {
      id: 'f',
      state: 'open',
      occurrences: 2,
      alerted: ['finding-f.1'],
      ended: [],
      policy: 'p',
      changedBy: '',
    };
    const owed = owedFor({ ...known, extent: { cases: 1 } } as unknown as AlertsOf);
    expect(owed.raise.map(({ alertId }) => alertId)).toEqual(['finding-f.2']);
    expect(owed.end.map(({ alertId }) => alertId)).toEqual(['finding-f.1']);
  });
});

test('the command line lists, shows, triages and closes findings', async () => {
  const holdfast = (...args: string[]): Promise<{ code: number; stdout: string }> =>
    new Promise((resolve) => {
      const main = join(__dirname, '../../dist/apps/cli/main.js');
      const { address, key } = suite.stack;
      execFile(process.execPath, [main, '--url', address, '--key', key, ...args], (error, stdout) =>
        resolve({ code: (error?.code as number | undefined) ?? 0, stdout }),
      );
    });
  const { id } = await one({ source: 'twice' });
  const listed = await holdfast('--json', 'findings', 'list', '--source', 'twice', '--state', 'open');
  expect(JSON.parse(listed.stdout)).toMatchObject({ id, kind: 'sequence_duplicate', owner: null });
  expect(
    (await holdfast('findings', 'triage', id, '--owner', 'ada', '--amount', '9.90', '--currency', 'EUR')).stdout,
  ).toBe(`${id} is triaged\n`);
  expect((await holdfast('findings', 'accept', id)).code).toBe(2);
  expect((await holdfast('findings', 'accept', id, '--reason', 'as agreed')).code).toBe(0);
  expect((await holdfast('findings', 'fix', id, '--reason', 'again')).code).toBe(3);
  const { stdout } = await holdfast('findings', 'show', id);
  for (const said of ['accepted by', 'as agreed', '9.90 EUR', '2-2']) expect(stdout).toContain(said);
});

test('what comes out of quarantine was counted when it went in; arrivals are read in pages', async () => {
  const from = START - 10 * WEEK;
  const { clickhouse } = suite.stack;
  const row = (outcome: string, receivedAt: Micros, firstAt = receivedAt): string =>
    `('orders', 'healed', '${(rows += 1)}', '${outcome}', ${instant(receivedAt)}, ${instant(firstAt)})`;
  const values = [row('quarantined', from + MINUTE), row('stored', from + HOUR, from + MINUTE)];
  await clickhouse.command(
    `INSERT INTO tracking_records (process, source, identity, outcome, received_at, first_received_at) VALUES ${values.join(',')}`,
  );
  await clickhouse.command(
    `INSERT INTO arrival_counts SELECT concat('paged-', toString(number % 120)), toString(number), ${instant(from)}, 1 FROM numbers(${2 * SOURCES_AT_ONCE + 20})`,
  );
  await store.keepArrivals(from, from + 2 * HOUR);
  const read: string[] = [];
  const healed: [number, number][] = [];
  for await (const page of store.arrivals(from, from + 2 * HOUR, [hourOfWeek(from), hourOfWeek(from + HOUR)])) {
    expect(page.length).toBeLessThanOrEqual(SOURCES_AT_ONCE);
    read.push(...page.map(({ source, process }) => `${source}/${process}`));
    for (const { source, counts } of page) if (source === 'healed') healed.push(...counts);
  }
  expect(new Set(read).size).toBe(2 * SOURCES_AT_ONCE + 21);
  expect(healed).toEqual([[from, 1]]);
});

test('a lull is told with its range, goes on as one finding, and is over when something arrives', async () => {
  const now = START + 20 * WEEK;
  const { clickhouse } = suite.stack;
  const busy = async (source: string, from: Micros, to: Micros): Promise<void> =>
    clickhouse.command(
      `INSERT INTO tracking_records (process, source, identity, outcome, received_at) SELECT 'orders', '${source}', toString(number), 'stored', fromUnixTimestamp64Micro(toInt64(${from} + number * 20000000), 'UTC') FROM numbers(${Math.floor((to - from) / 20_000_000)})`,
    );
  await busy('stops', now - 4 * WEEK, now - 2 * HOUR);
  await busy('young', now - 2 * WEEK, now - 2 * HOUR);
  await arrivals.run({ at: now, heartbeat });
  const lull = await one({ kind: 'lull' });
  expect(lull).toMatchObject({ source: 'stops', process: 'orders', state: 'open', severity: 'critical' });
  expect(lull.extent.fromAt).toBe(now - 2 * HOUR);
  expect(lull.extent.measures).toMatchObject({ found: 0 });
  await arrivals.run({ at: now + HOUR, heartbeat });
  const later = await one({ kind: 'lull' });
  expect(later).toMatchObject({ id: lull.id, state: 'open', occurrences: 1 });
  expect(later.extent.toAt).toBeGreaterThanOrEqual(now + HOUR - 2 * BUCKET);
  await busy('stops', now + HOUR, now + 2 * HOUR);
  await arrivals.run({ at: now + 2 * HOUR, heartbeat });
  expect(await one({ kind: 'lull' })).toMatchObject({ id: lull.id, state: 'fixed' });
});

test('a clock that is ahead is measured, told, and taken off where events are put in order', async () => {
  const now = Math.floor((Date.now() * 1000) / HOUR) * HOUR;
  await store.putMark('clocks', now);
  const receivedAt = (n: number): Micros => now + n * 1_000_000 + 500_000;
  const hasty = Array.from({ length: 40 }, (_, n) => ({
    ...{ source: 'exact', key: `clock-${n}`, receivedAt: receivedAt(n) },
    occurredAt: receivedAt(n) + 60_000_000 - n * 1_000,
  }));
  const right = Array.from({ length: 40 }, (_, n) => ({
    ...{ source: 'right', stage: 'hub', key: `clock-${n}`, receivedAt: receivedAt(n) + 20_000_000 },
    occurredAt: receivedAt(n) + 19_900_000,
  }));
  await received(...hasty, ...right);
  await clocks.run({ at: now + HOUR, heartbeat });
  const skew = await one({ kind: 'clock_skew' });
  expect(skew).toMatchObject({ source: 'exact', process: '', state: 'open', severity: 'warning' });
  const ahead = skew.extent.measures['skewMicros']!;
  expect(Math.abs(ahead - 60_000_000)).toBeLessThan(100_000);
  expect((await store.skews(['right'], now, now)).map(({ offset }) => offset)).toEqual([0]);

  const timeline = async (order: string, key = 'clock-0'): Promise<Record<string, unknown>[]> =>
    (await suite.stack.get(`/v1/events?process=orders&key=${key}&order=${order}`)).body['items'] as Record<
      string,
      unknown
    >[];
  expect((await timeline('occurred')).map(({ source }) => source)).toEqual(['right', 'exact']);
  const corrected = await timeline('corrected');
  expect(corrected).toMatchObject([
    {
      source: 'exact',
      occurredAt: formatInstant(hasty[0]!.occurredAt),
      correctedAt: formatInstant(hasty[0]!.occurredAt - ahead),
    },
    { source: 'right' },
  ]);
  expect(corrected[1]).not.toHaveProperty('correctedAt');
  // Mended in quarantine for a day: the clock was ahead when it was sent.
  const sent = receivedAt(1);
  await suite.stack.clickhouse.command(
    `INSERT INTO tracking_records (process, source, stage, key, identity, outcome, received_at, first_received_at, occurred_at, origin_at, data) VALUES ('orders', 'exact', 'shop', 'mended', '${'m'.repeat(16)}', 'stored', ${instant(sent + 30 * HOUR)}, ${instant(sent)}, ${instant(sent)}, ${instant(sent)}, '{}')`,
  );
  const [mended] = await timeline('corrected', 'mended');
  expect(mended).toMatchObject({ correctedAt: formatInstant(sent - ahead) });
  expect(mended).not.toHaveProperty('firstReceivedAt');
  expect((await suite.stack.get('/v1/events?process=orders&key=clock-0&order=corrected&cursor=x')).status).toBe(400);
});
