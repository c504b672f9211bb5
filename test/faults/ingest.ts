import type { Account } from '../../apps/cli/account';
import type { ApiClient, Receipt } from '../../apps/cli/api-client';
import { addAccounts, addsUp, NO_ACCOUNT } from '../../apps/cli/account';
import type { Reconciliation } from '../../apps/cli/views';
import type { Saboteur } from './kill-schedule';
import { create, eventually, openWindow, type Engine, type Stage } from './stage';
import { ORDERS_WINDOW, recordOf, STAGES, TrackedOrders, type Line } from './tracked-orders';

/** Counts of one minute of one stage. */
export interface Digest {
  readonly minute: string;
  readonly stage: string;
  readonly events: string;
  readonly sums: string;
}

/** What one client sent, and was told. */
export interface Posted {
  readonly source: string;
  /** Records that an answer acknowledged as stored, now or by an earlier try. */
  readonly acknowledged: ReadonlySet<string>;
  readonly answered: Account;
  /** Events that have to count in the end, by minute. */
  readonly byMinute: ReadonlyMap<string, number>;
  /** Bodies whose answer was not what their records had to come to. */
  readonly wrongAnswers: readonly { readonly expected: Partial<Account>; readonly answered: Account }[];
}

export interface IngestPlayed {
  readonly posted: readonly Posted[];
  /** Rows with outcome `stored` of each record. */
  readonly stored: ReadonlyMap<string, number>;
  /** The account that the API gives, by source, and the rows themselves, counted by outcome. */
  readonly accounts: readonly { readonly source: string; readonly told: Account; readonly rows: Account }[];
  /** As reconciliation reads them, from the projection; and recounted from the rows. */
  readonly digests: readonly Digest[];
  readonly recounted: readonly Digest[];
  /** Events that count more than once, less than not at all, or at two times. */
  readonly miscounted: readonly unknown[];
  readonly verdict: Reconciliation['verdict'];
  readonly retries: number;
}

const CLIENTS = 2;
const LINES = 60;
const FEWEST_BODIES = 20;

/** Clients post records without pause, and repeat like good clients, for as long as processes are killed. */
export async function playIngest(stage: Stage, seed: number, round: number, saboteur: Saboteur): Promise<IngestPlayed> {
  const process = `fault-ingest-${round}`;
  const { client, engine } = stage;
  let retries = 0;
  const api = client(() => retries++);
  const stages = STAGES.map((id, index) => ({ id, role: (['source', 'integration', 'target'] as const)[index] }));
  const document = { stages, fields: [{ name: 'amount' }], graceSeconds: 900 };
  await create(api, `/v1/processes/${process}`, document);
  const from = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
  const posted = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      post(api, new TrackedOrders(process, `${process}.${index + 1}`, seed, round * CLIENTS + index), saboteur),
    ),
  );
  await saboteur.over;
  const to = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString();
  const accounts = await Promise.all(
    posted.map(async ({ source }) => ({
      source,
      told: await api.get<Account>('/v1/intake', { source, from, to }),
      rows: await countRows(engine, source),
    })),
  );
  await engine.merge('tracking_records');
  return {
    posted,
    stored: await storedRecords(engine, process),
    accounts,
    digests: await digestsOf(engine, process, { force_optimize_projection: 1, optimize_use_projections: 1 }),
    recounted: await digestsOf(engine, process, { optimize_use_projections: 0 }),
    miscounted: await miscountedEvents(engine, process),
    verdict: await verdictOf(stage, api, process),
    retries,
  };
}

async function post(api: ApiClient, orders: TrackedOrders, saboteur: Saboteur): Promise<Posted> {
  const acknowledged = new Set<string>();
  const wrongAnswers: Posted['wrongAnswers'][number][] = [];
  let answered: Account = NO_ACCOUNT;
  for (let bodies = 0; ; bodies++) {
    const lines = orders.next(LINES, bodies >= FEWEST_BODIES && !saboteur.isAtWork);
    if (lines.length === 0) break;
    const receipt = await api.sendEvents(
      Buffer.from(lines.map(({ text }) => `${text}\n`).join('')),
      'application/x-ndjson',
    );
    answered = addAccounts(answered, receipt);
    for (const { is, record } of lines) if (is === 'new') acknowledged.add(record);
    if (!isRight(lines, receipt)) wrongAnswers.push({ expected: countsOf(lines), answered: receipt });
  }
  const { source, byMinute } = orders;
  return { source, acknowledged, answered, byMinute, wrongAnswers };
}

const countsOf = (lines: readonly Line[]) => {
  const count = (is: Line['is']): number => lines.filter((line) => line.is === is).length;
  return { received: lines.length, conflict: count('conflict'), rejected: count('rejected') };
};

/** A body that was stored by a try whose answer got lost is all duplicates: stored and duplicate together do not change. */
function isRight(lines: readonly Line[], receipt: Receipt): boolean {
  const { received, stored, conflict, rejected } = receipt;
  const expected = countsOf(lines);
  const fresh = lines.filter(({ is }) => is === 'new').length;
  return (
    received === expected.received &&
    conflict === expected.conflict &&
    rejected === expected.rejected &&
    addsUp(receipt) &&
    (stored === fresh || stored === 0)
  );
}

async function storedRecords(engine: Engine, process: string): Promise<Map<string, number>> {
  const rows = await engine.rows<{ source: string; id: string; attempt: number; copies: string }>(
    `SELECT source, id, attempt, count() AS copies FROM tracking_records
     WHERE process = {process:String} AND outcome = 'stored' GROUP BY source, id, attempt`,
    { process },
    { optimize_use_projections: 0 },
  );
  return new Map(rows.map(({ source, id, attempt, copies }) => [recordOf(source, id, attempt), Number(copies)]));
}

/** From the rows, not from the projection that the API's account is read from. */
async function countRows(engine: Engine, source: string): Promise<Account> {
  const rows = await engine.rows<{ outcome: keyof Account; records: string }>(
    `SELECT outcome, count() AS records FROM tracking_records
     WHERE source = {source:String} AND outcome IN ('stored', 'duplicate', 'conflict', 'rejected') GROUP BY outcome`,
    { source },
    { optimize_use_projections: 0 },
  );
  const counts = Object.fromEntries(rows.map(({ outcome, records }) => [outcome, Number(records)]));
  return { ...NO_ACCOUNT, ...counts, received: Object.values(counts).reduce((sum, one) => sum + one, 0) };
}

function digestsOf(engine: Engine, process: string, settings: Readonly<Record<string, number>>): Promise<Digest[]> {
  return engine.rows<Digest>(
    `SELECT formatDateTime(toStartOfMinute(origin_at), '%Y-%m-%dT%H:%i', 'UTC') AS minute, stage,
            sum(sign) AS events, sum(digest) AS sums
     FROM tracking_records WHERE process = {process:String}
     GROUP BY toStartOfMinute(origin_at), stage HAVING events != 0 OR sums != 0 ORDER BY minute, stage`,
    { process },
    settings,
  );
}

/** An event counts once and at one time, or not at all: whatever was taken back or moved adds up. */
function miscountedEvents(engine: Engine, process: string): Promise<unknown[]> {
  return engine.rows(
    `SELECT source, id, sum(times) AS counts, countIf(times != 0) AS places, sum(rest) AS digests
     FROM (
         SELECT source, id, origin_at, sum(sign) AS times, if(sum(sign) = 0, abs(sum(digest)), 0) AS rest
         FROM tracking_records WHERE process = {process:String} AND outcome IN ('stored', 'retraction', 'restatement')
         GROUP BY source, id, origin_at
     )
     GROUP BY source, id HAVING counts NOT IN (0, 1) OR places > 1 OR digests != 0 LIMIT 20`,
    { process },
    { optimize_use_projections: 0 },
  );
}

/** Every order went through every stage unchanged: a window over them has nothing to find, if nothing got lost or counted twice. */
async function verdictOf(stage: Stage, api: ApiClient, process: string): Promise<Reconciliation['verdict']> {
  const id = await openWindow(stage, { process, ...ORDERS_WINDOW }, () => undefined);
  return eventually(`a verdict on ${id}`, async () => {
    const { verdict } = await api.get<Reconciliation>(`/v1/reconciliations/${id}`);
    return verdict ?? undefined;
  });
}
