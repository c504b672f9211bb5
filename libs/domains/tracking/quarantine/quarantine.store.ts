import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import {
  ITEM_STATES,
  type ItemFilter,
  type QueuedItem,
  type QuarantineStep,
  type QueuePosition,
  type RecordedReplay,
  type ReplayProgress,
} from '../core/quarantine';

const Item = z.object({
  item: z.string(),
  identity: z.string(),
  payloadHash: z.string(),
  attempt: z.number(),
  source: z.string(),
  process: z.string(),
  type: z.string(),
  key: z.string(),
  owner: z.string(),
  assignee: z.string(),
  state: z.enum(ITEM_STATES),
  form: z.enum(['event', 'cloud-event']),
  code: z.string(),
  field: z.string(),
  correlationId: z.string(),
  receivedAt: micros,
  became: z.string(),
}) satisfies z.ZodType<QueuedItem>;

const text = z.string();
const listItems = typedQuery(
  'quarantine/list_items',
  z.object({
    ...{ state: text, owner: text, assignee: text, source: text, process: text, type: text, code: text, field: text },
    text,
    items: z.array(text),
    after: text,
    afterAt: z.int(),
    until: z.int(),
    limit: z.int(),
  }),
  Item,
);
const listRecords = typedQuery(
  'quarantine/list_records',
  z.object({ items: z.array(text), identities: z.array(text) }),
  z.object({ item: text, record: text, isPatched: z.coerce.boolean() }),
);
const Step = z.object({
  doneAt: micros,
  step: z.enum(['assigned', 'patched', 'still_bad', 'released', 'discarded']),
  doneBy: text,
  assignee: text,
  outcome: text,
  code: text,
  field: text,
  reason: text,
  replay: text,
}) satisfies z.ZodType<QuarantineStep>;
const listSteps = typedQuery('quarantine/list_steps', z.object({ item: text }), Step);
const countWaiting = typedQuery(
  'quarantine/count_waiting',
  z.object({}),
  z.object({ owner: text, code: text, items: z.coerce.number(), oldest: micros }),
);
const count = z.coerce.number();
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

const StepRow = z.object({
  item: text,
  at: text,
  step: Step.shape.step,
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
export interface NewStep extends Partial<Omit<z.output<typeof StepRow>, 'item' | 'at' | 'step' | 'done_by'>> {
  readonly item: string;
  readonly at: Micros;
  readonly step: z.output<typeof Step>['step'];
  readonly by: string;
}
export type WaitingCount = z.output<typeof countWaiting.row>;

const NEVER: Micros = 7_258_118_400_000_000;
const NOTHING = { assignee: '', record: '', outcome: '', code: '', field: '', reason: '', replay: '' };

/** Steps and replays of the quarantine, and quarantined records as they stand in the table of records. */
@Injectable()
export class QuarantineStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Oldest first. @param until of those received at this time or before */
  items(filter: ItemFilter, from: QueuePosition, limit: number, until: Micros = NEVER): Promise<QueuedItem[]> {
    const { state, owner, assignee, source, process, type, code, field, text: occurs, items } = filter;
    const named = { state, owner, assignee, source, process, type, code, field, text: occurs };
    const params = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value ?? '']));
    return this.clickhouse.rows(listItems, {
      ...(params as Record<keyof typeof named, string>),
      items: [...(items ?? [])],
      ...from,
      until,
      limit,
    });
  }

  /** What the items hold now, by id. */
  async records(items: readonly QueuedItem[]): Promise<Map<string, Buffer>> {
    if (items.length === 0) return new Map();
    const rows = await this.clickhouse.rows(listRecords, {
      items: items.map(({ item }) => item),
      identities: [...new Set(items.map(({ identity }) => identity))],
    });
    return new Map(rows.map(({ item, record }) => [item, Buffer.from(record, 'base64')]));
  }

  steps(item: string): Promise<QuarantineStep[]> {
    return this.clickhouse.rows(listSteps, { item });
  }

  waiting(): Promise<WaitingCount[]> {
    return this.clickhouse.rows(countWaiting, {});
  }

  async addSteps(steps: readonly NewStep[]): Promise<void> {
    await this.clickhouse.insert(
      'quarantine_steps',
      StepRow,
      steps.map(({ at, by, ...step }) => ({ ...NOTHING, ...step, at: formatInstant(at), done_by: by })),
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
}
