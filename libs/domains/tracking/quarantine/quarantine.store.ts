import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import {
  type ItemFilter,
  type QueuedItem,
  type QuarantineStep,
  type QueuePosition,
  readItemId,
  type RecordedReplay,
  type ReplayProgress,
  STEPS,
} from '../core/quarantine';

const text = z.string();
const count = z.coerce.number();
const Item = z.object({
  item: text,
  identity: text,
  payloadHash: text,
  attempt: z.number(),
  source: text,
  process: text,
  type: text,
  key: text,
  owner: text,
  form: z.enum(['event', 'cloud-event']),
  code: text,
  field: text,
  correlationId: text,
  receivedAt: micros,
  size: count,
});
const place = { afterAt: z.int(), afterIdentity: text, afterHash: text };
const listItems = typedQuery(
  'quarantine/list_items',
  z.object({
    ...{ owner: text, assignee: text, source: text, process: text, type: text, code: text, field: text, text },
    ...{ items: text, unassigned: z.boolean(), without: z.array(text), with: text },
    ...place,
    until: z.int(),
    limit: z.int(),
  }),
  Item,
);
const page = z.object({ first: z.int(), last: z.int(), items: text });
const sumUpSteps = typedQuery(
  'quarantine/sum_up_steps',
  page,
  z.object({
    item: text,
    assignee: text,
    version: count,
    size: count,
    isReleased: z.coerce.boolean(),
    isDiscarded: z.coerce.boolean(),
    became: text,
  }),
);
const listRecords = typedQuery('quarantine/list_records', page, z.object({ item: text, record: text }));
const Step = z.object({
  doneAt: micros,
  step: z.enum(STEPS),
  doneBy: text,
  assignee: text,
  outcome: text,
  code: text,
  field: text,
  reason: text,
  replay: text,
}) satisfies z.ZodType<QuarantineStep>;
const listSteps = typedQuery('quarantine/list_steps', z.object({ item: text, receivedAt: z.int() }), Step);
const listDepartures = typedQuery(
  'quarantine/list_departures',
  z.object({ items: text }),
  z.object({ item: text, receivedAt: micros, at: micros, by: text, outcome: text, reason: text, replay: text }),
);
const countWaiting = typedQuery(
  'quarantine/count_waiting',
  z.object({ assignee: text, unassigned: z.boolean() }),
  z.object({ owner: text, code: text, items: count, oldest: micros }),
);
const countReplayed = typedQuery(
  'quarantine/count_replayed',
  z.object({ replay: text, ...place, lastAt: z.int(), lastIdentity: text, lastHash: text }),
  z.object({ released: count, stillBad: count, gone: count }) satisfies z.ZodType<ReplayProgress>,
);
const findReplay = typedQuery(
  'quarantine/find_replay',
  z.object({ replay: text }),
  z.object({
    state: z.enum(['running', 'done', 'stopped']),
    selection: text,
    askedBy: text,
    askedAt: micros,
    released: count,
    stillBad: count,
    gone: count,
  }) satisfies z.ZodType<RecordedReplay>,
);

const listPurgeable = typedQuery(
  'quarantine/list_purgeable',
  z.object({ now: z.int() }),
  z.object({ table: z.enum(['quarantine_steps', 'quarantine_replays']), partition: text }),
);

const StepRow = z.object({
  received_at: text,
  item: text,
  at: text,
  step: z.enum([...STEPS, 'leaving', 'gone', 'stayed']),
  done_by: text,
  assignee: text,
  record: text,
  outcome: text,
  code: text,
  field: text,
  reason: text,
  replay: text,
});
const ReplayRow = z.object({
  replay: text,
  seq: z.int(),
  state: z.enum(['running', 'done', 'stopped']),
  selection: text,
  asked_by: text,
  asked_at: text,
  updated_at: text,
  released: z.int(),
  still_bad: z.int(),
  gone: z.int(),
});

/** A step that somebody takes with an item; what it leaves out is ''. */
export interface NewStep extends Partial<
  Pick<z.output<typeof StepRow>, 'assignee' | 'record' | 'outcome' | 'code' | 'field' | 'reason' | 'replay'>
> {
  readonly of: Pick<QueuedItem, 'item' | 'receivedAt'>;
  readonly at: Micros;
  readonly step: z.output<typeof StepRow>['step'];
  readonly by: string;
}
export type WaitingCount = z.output<typeof countWaiting.row>;
/** That an item was to leave quarantine: who wanted it, as what (`mended` or `discarded`), and why. */
export type Departure = z.output<typeof listDepartures.row>;

/** Who looks after what is counted; nothing for everybody. */
export type Assigned = Pick<ItemFilter, 'assignee' | 'unassigned'>;

const NEVER: Micros = 7_258_118_400_000_000;
const NOTHING = { assignee: '', record: '', outcome: '', code: '', field: '', reason: '', replay: '' };
const LEFT = ['released', 'discarded'];
/** Which step an item of a state must have, and which it must not. */
const STEPS_OF: Readonly<Record<NonNullable<ItemFilter['state']>, { with: string; without: string[] }>> = {
  waiting: { with: '', without: LEFT },
  open: { with: '', without: [...LEFT, 'patched'] },
  patched: { with: 'patched', without: LEFT },
  released: { with: 'released', without: [] },
  discarded: { with: 'discarded', without: [] },
};

/** As queries take places of the queue: its start is before every identity. */
function placeOf({ afterAt, after }: QueuePosition) {
  const { identity, payloadHash } = readItemId(after) ?? { identity: '0'.repeat(32), payloadHash: '0'.repeat(16) };
  return { afterAt, afterIdentity: identity, afterHash: payloadHash };
}

/** Ids as queries take them: 24 bytes each, in hexadecimal. */
const hexOf = (items: readonly string[]): string => items.join('').replaceAll('-', '');

function pageParams(items: readonly Pick<QueuedItem, 'item' | 'receivedAt'>[]): z.output<typeof page> {
  const at = items.map(({ receivedAt }) => receivedAt);
  return { first: Math.min(...at), last: Math.max(...at), items: hexOf(items.map(({ item }) => item)) };
}

/** Steps and replays of the quarantine, and quarantined records as they stand in the table of records. */
@Injectable()
export class QuarantineStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Oldest first. @param until of those received at this time or before */
  async items(filter: ItemFilter, from: QueuePosition, limit: number, until: Micros = NEVER): Promise<QueuedItem[]> {
    const { state, owner, assignee, source, process, type, code, field, text: occurs, items, unassigned } = filter;
    const named = { owner, assignee, source, process, type, code, field, text: occurs };
    const params = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value ?? '']));
    const found = await this.clickhouse.rows(listItems, {
      ...(params as Record<keyof typeof named, string>),
      ...(state ? STEPS_OF[state] : { with: '', without: [] }),
      unassigned: unassigned ?? false,
      items: hexOf(items ?? []),
      ...placeOf(from),
      until,
      limit,
    });
    if (found.length === 0) return [];
    const sums = new Map((await this.clickhouse.rows(sumUpSteps, pageParams(found))).map((sum) => [sum.item, sum]));
    return found.map((item): QueuedItem => {
      const sum = sums.get(item.item);
      if (!sum) return { ...item, assignee: '', state: 'open', version: 0, became: '' };
      const { assignee, version, size, isReleased, isDiscarded, became } = sum;
      const is = isDiscarded ? 'discarded' : isReleased ? 'released' : version > 0 ? 'patched' : 'open';
      return { ...item, assignee, state: is, version, became, size: version > 0 ? size : item.size };
    });
  }

  /** What the items hold now, by id. */
  async records(items: readonly QueuedItem[]): Promise<Map<string, Buffer>> {
    if (items.length === 0) return new Map();
    const rows = await this.clickhouse.rows(listRecords, pageParams(items));
    return new Map(rows.map(({ item, record }) => [item, Buffer.from(record, 'base64')]));
  }

  steps({ item, receivedAt }: Pick<QueuedItem, 'item' | 'receivedAt'>): Promise<QuarantineStep[]> {
    return this.clickhouse.rows(listSteps, { item, receivedAt });
  }

  waiting({ assignee, unassigned }: Assigned): Promise<WaitingCount[]> {
    return this.clickhouse.rows(countWaiting, { assignee: assignee ?? '', unassigned: unassigned ?? false });
  }

  /** Departures that nothing is known of; some of them, when there are very many. The last of each item first. */
  openDepartures(): Promise<Departure[]> {
    return this.clickhouse.rows(listDepartures, { items: '' });
  }

  /** All departures of these items, the last of each first. */
  async departures(items: readonly string[]): Promise<Departure[]> {
    return items.length === 0 ? [] : this.clickhouse.rows(listDepartures, { items: hexOf(items) });
  }

  /** What a replay made of the items behind one place up to another one; of all of them behind it, without. */
  async replayed(replay: string, from: QueuePosition, to: QueuePosition | null): Promise<ReplayProgress> {
    const last = placeOf(to ?? { afterAt: NEVER, after: '' });
    const { afterAt: lastAt, afterIdentity: lastIdentity, afterHash: lastHash } = last;
    const span = { ...placeOf(from), lastAt, lastIdentity, lastHash };
    return (await this.clickhouse.row(countReplayed, { replay, ...span }))!;
  }

  async addSteps(steps: readonly NewStep[]): Promise<void> {
    await this.clickhouse.insert(
      'quarantine_steps',
      StepRow,
      steps.map(({ of: { item, receivedAt }, at, by, ...step }) => ({
        ...{ ...NOTHING, ...step, item, received_at: formatInstant(receivedAt), at: formatInstant(at), done_by: by },
      })),
    );
  }

  replay(replay: string): Promise<RecordedReplay | undefined> {
    return this.clickhouse.row(findReplay, { replay });
  }

  async addReplay(
    replay: string,
    seq: number,
    { state, selection, askedBy, askedAt }: Omit<RecordedReplay, keyof ReplayProgress>,
    { released, stillBad, gone }: ReplayProgress,
    at: Micros,
  ): Promise<void> {
    const row = {
      ...{ replay, seq, state, selection, released, gone },
      asked_by: askedBy,
      asked_at: formatInstant(askedAt),
      updated_at: formatInstant(at),
      still_bad: stillBad,
    };
    await this.clickhouse.insert('quarantine_replays', ReplayRow, [row]);
  }

  /** Forgets what need not be known any more: see the query. @returns how many partitions went */
  async purge(now: Micros): Promise<number> {
    const partitions = await this.clickhouse.rows(listPurgeable, { now });
    for (const { table, partition } of partitions) await this.clickhouse.dropPartition(table, partition);
    return partitions.length;
  }
}
