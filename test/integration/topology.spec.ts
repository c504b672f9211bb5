import type { Process, ProcessDefinition } from '@holdfast/domains/catalog/core/process';
import { ProcessDefinitionSchema } from '@holdfast/domains/catalog/catalog.schemas';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { Judge, type JudgementProgress } from '@holdfast/domains/reconciliation/judge';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { formatInstant, newId } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { at, IntakeStack } from '../intake/stack';

const FROM = at('2026-11-10T00:00:00Z');
const HOUR = 3_600_000_000;
const TO = FROM + 24 * HOUR;
const DEADLINE = TO + HOUR;

let engine: EmbeddedClickHouse;
let stack: IntakeStack;
let judge: Judge;
let store: ReconciliationStore;
let events = 0;

beforeAll(async () => {
  engine = await startEmbeddedClickHouse();
  stack = await IntakeStack.start(engine);
  store = new ReconciliationStore(stack.clickhouse);
  judge = new Judge(new EvidenceStore(stack.clickhouse), store);
});
afterAll(async () => {
  await stack?.stop();
  await engine?.stop();
});

type Definition = Parameters<typeof ProcessDefinitionSchema.parse>[0];

/** A process of its own, its events and its judgement. */
async function processOf(id: string, definition: Definition) {
  const body = ProcessDefinitionSchema.parse(definition) as ProcessDefinition;
  await stack.putProcess(id, definition as never);
  const process: Process = { ...body, id, version: 1 };
  const window = { process: id, from: FROM, to: TO };
  const read = async (reconciliation: string, judgement: string) =>
    store.discrepancies(
      reconciliation,
      judgement,
      { kind: '', stage: '', hop: '', rank: '', key: '', status: '' },
      { afterKey: '', afterStage: '', afterKind: '' },
      10_000,
    );
  return {
    process,
    window,
    read,
    event: (stage: string, key: string, data: object, hour = 1) => ({
      id: `${id}-${(events += 1)}`,
      source: stage,
      process: id,
      stage,
      key,
      type: 't',
      occurredAt: formatInstant(FROM + hour * HOUR + 5),
      originAt: formatInstant(FROM + hour * HOUR),
      data,
    }),
    async send(...all: object[]): Promise<Record<string, unknown>> {
      const { status, body } = await stack.postLines(all);
      expect([200, 400]).toContain(status); // 400 where nothing was stored
      return body;
    },
    async judged(changed: Partial<Process> = {}, course: Partial<Parameters<Judge['judge']>[4]> = {}) {
      const name = `${id}-${newId()}`;
      const finding = await judge.judge(window, name, { ...process, ...changed }, DEADLINE, {
        signal: new AbortController().signal,
        from: undefined,
        save: () => undefined,
        ...course,
      });
      const rows = await read(name, finding.judgement);
      return { finding, rows, told: rows.map(({ key, kind, hop, field }) => [key, kind, hop, field].join(' ').trim()) };
    },
  };
}

describe('split orders and consolidated invoices', () => {
  /** Orders are split into deliveries; invoices are of lines of several orders, and in cents. */
  const definition: Definition = {
    stages: [
      { id: 'shop', role: 'source' },
      { id: 'warehouse', role: 'integration' },
      { id: 'billing', role: 'target', keys: 'lines[].order' },
    ],
    hops: [
      { from: ['shop'], to: ['warehouse'], cardinality: '1:n' },
      { from: ['shop'], to: ['billing'], cardinality: 'n:m' },
    ],
    fields: [
      {
        name: 'total',
        compare: 'sum',
        at: { warehouse: { path: 'part' }, billing: { path: 'lines[].cents', minorUnits: 2 } },
      },
      { name: 'currency', normalise: ['trim', 'lower-case'] },
    ],
  };

  it('agree where parts and lines add up, whatever they were split into', async () => {
    const { send, event, judged } = await processOf('split', definition);
    const receipt = await send(
      event('shop', 'A', { total: 30, currency: 'EUR' }),
      event('shop', 'B', { total: '12.50', currency: 'eur ' }),
      event('warehouse', 'A', { part: 10.1, currency: 'EUR' }),
      event('warehouse', 'A', { part: 19.9, currency: 'EUR' }),
      event('warehouse', 'B', { part: 12.5, currency: 'EUR' }),
      event('billing', 'I-1', {
        currency: 'EUR',
        lines: [
          { order: 'A', cents: 1000 },
          { order: 'A', cents: 500 },
          { order: 'B', cents: 1250 },
        ],
      }),
      event('billing', 'I-2', { currency: 'EUR', lines: [{ order: 'A', cents: 1500 }] }),
    );
    expect(receipt).toMatchObject({ received: 8, stored: 8 }); // an invoice of two orders is two records
    const { told, finding } = await judged();
    expect(told).toEqual([]);
    expect(finding.stageCounts).toEqual({ shop: 2, warehouse: 3, billing: 3 });
  });

  it('are told of with the hop where something is wrong', async () => {
    const { send, event, judged } = await processOf('split-badly', definition);
    await send(
      event('shop', 'lost', { total: 1, currency: 'EUR' }),
      event('billing', 'I-0', { currency: 'EUR', lines: [{ order: 'lost', cents: 100 }] }),
      event('shop', 'short', { total: 30, currency: 'EUR' }),
      event('warehouse', 'short', { part: 10, currency: 'EUR' }),
      event('warehouse', 'short', { part: 19, currency: 'EUR' }),
      event('billing', 'I-1', {
        currency: 'EUR',
        lines: [
          { order: 'short', cents: 3001 },
          { order: 'never', cents: 5 },
        ],
      }),
      event('shop', 'money', { total: 2, currency: 'EUR' }),
      event('warehouse', 'money', { part: 2, currency: 'EUR' }),
      event('billing', 'I-2', { currency: 'USD', lines: [{ order: 'money', cents: 200 }] }),
    );
    const { told, rows } = await judged();
    expect(told.sort()).toEqual([
      'lost missing shop->warehouse',
      'money mutated shop->billing currency',
      'never orphan shop->billing',
      'short mutated shop->billing total',
      'short mutated shop->warehouse total',
    ]);
    expect(rows.find(({ key, stage }) => key === 'short' && stage === 'billing')).toMatchObject({
      expected: '{"total":30}',
      found: '{"total":30.01}',
      since: FROM + HOUR + 5,
    });
  });

  it('are counted once when the invoice comes again, and corrected by a later attempt', async () => {
    const { send, event, judged } = await processOf('split-again', definition);
    const invoice = event('billing', 'I-9', {
      currency: 'EUR',
      lines: [
        { order: 'A', cents: 100 },
        { order: 'B', cents: 200 },
      ],
    });
    await send(
      event('shop', 'A', { total: 1, currency: 'EUR' }),
      event('warehouse', 'A', { part: 1, currency: 'EUR' }),
      event('shop', 'B', { total: 3, currency: 'EUR' }),
      event('warehouse', 'B', { part: 3, currency: 'EUR' }),
      invoice,
    );
    expect(await send(invoice)).toMatchObject({ received: 2, duplicate: 2 });
    expect((await judged()).told).toEqual(['B mutated shop->billing total']);
    const lines = [
      { order: 'A', cents: 100 },
      { order: 'B', cents: 300 },
    ];
    await send({ ...invoice, attempt: 2, data: { currency: 'EUR', lines } });
    expect((await judged()).told).toEqual([]);
  });

  it('refuses an event that names no key where its stage has its keys, by field', async () => {
    const { send, event } = await processOf('split-wrong', definition);
    for (const [data, code] of [
      [{ currency: 'EUR' }, 'missing_field'],
      [{ lines: { order: 'A' } }, 'wrong_type'],
      [{ lines: [{ cents: 1 }] }, 'invalid_value'],
    ] as const)
      expect(await send(event('billing', 'I', data))).toMatchObject({
        rejected: 1,
        problems: [{ code, field: 'data.lines[].order' }],
      });
  });
});

describe('branches and merges', () => {
  const definition: Definition = {
    stages: [
      { id: 'web', role: 'source' },
      { id: 'store', role: 'source' },
      { id: 'hub', role: 'integration' },
      { id: 'north', role: 'target' },
      { id: 'south', role: 'target' },
    ],
    hops: [
      { from: ['web', 'store'], to: ['hub'] },
      { from: ['hub'], to: ['north', 'south'] },
    ],
    fields: [{ name: 'amount' }],
  };
  it('match by their digests, and name what was lost on which way', async () => {
    const { send, event, judged } = await processOf('branches', definition);
    const way = (key: string, ...stages: string[]) => stages.map((stage) => event(stage, key, { amount: 1 }));
    await send(
      ...way('a', 'web', 'hub', 'north'),
      ...way('b', 'store', 'hub', 'south'),
      ...way('c', 'web', 'hub', 'south'),
    );
    expect((await judged()).finding.lookedAtKeys).toBe(false);
    await send(...way('d', 'web', 'north'), ...way('e', 'store', 'hub'), ...way('f', 'hub', 'north', 'south'));
    expect((await judged()).told).toEqual([
      'd missing web+store->hub',
      'd orphan hub->north+south',
      'e missing hub->north+south',
      'f orphan web+store->hub',
      'f duplicate hub->north+south',
    ]);
  });
});

describe('a judgement in segments', () => {
  const definition: Definition = {
    stages: [
      { id: 'a', role: 'source' },
      { id: 'b', role: 'target' },
    ],
    fields: [],
  };
  const BAD = [2, 5, 9, 14, 20];
  async function bad(id: string) {
    const made = await processOf(id, definition);
    const { event, send } = made;
    for (let hour = 0; hour < 24; hour++)
      await send(
        event('a', `ok-${hour}`, {}, hour),
        event('b', `ok-${hour}`, {}, hour),
        ...(BAD.includes(hour) ? [event('a', `lost-${hour}`, {}, hour)] : []),
      );
    return made;
  }
  const WANTED = BAD.map((hour) => `lost-${hour} missing a->b`).sort();

  it('looks at the hours whose digests differ alone, and goes on behind the last one that was finished, wherever it was ended', async () => {
    const { judged, window, process, read } = await bad('segments');
    const saved: JudgementProgress[] = [];
    expect((await judged({}, { save: (one) => void saved.push(one) })).told.sort()).toEqual(WANTED);
    expect(saved.map(({ done }) => (done - FROM) / HOUR)).toEqual([0, ...BAD.map((hour) => hour + 1)]);
    expect(saved.at(-1)!.spent.rows).toBe(3 * BAD.length);
    for (let last = 0; last < saved.length; last++) {
      const name = `${process.id}-ended-${last}`;
      let reached: JudgementProgress | undefined;
      let left = last;
      const until = judge.judge(window, name, process, DEADLINE, {
        signal: new AbortController().signal,
        from: undefined,
        save(progress) {
          reached = progress;
          if (left-- === 0) throw new Error('ended here');
        },
      });
      await expect(until).rejects.toThrow('ended here');
      const again: number[] = [];
      const finding = await judge.judge(window, name, process, DEADLINE, {
        signal: new AbortController().signal,
        from: reached,
        save: ({ done }) => void again.push(done),
      });
      expect(again).toHaveLength(saved.length - last);
      const rows = await read(name, finding.judgement);
      expect(rows.map(({ key, kind, hop }) => `${key} ${kind} ${hop}`).sort()).toEqual(WANTED);
    }
  });

  it('that has spent its budget of rows or discrepancies says what it did not look at', async () => {
    const { judged } = await bad('budgets');
    const ofRows = await judged({ budget: { rows: 7 } });
    expect(ofRows.rows.map(({ key, kind, found }) => [key, kind, found])).toEqual([
      ['2026-11-10T09:00:00Z/2026-11-11T00:00:00Z', 'undecided', 'the budget of 7 rows is spent'],
      ['lost-2', 'missing', '0'],
      ['lost-5', 'missing', '0'],
    ]);
    const ofFound = await judged({ budget: { discrepancies: 1 } });
    expect(ofFound.told).toEqual([
      '2026-11-10T05:00:00Z/2026-11-11T00:00:00Z undecided',
      'lost-2 missing a->b',
      'lost-5 missing a->b',
    ]);
    expect((await judged({ budget: { rows: 15, bytes: 1_000, seconds: 60, discrepancies: 5 } })).told.sort()).toEqual(
      WANTED,
    );
  });

  it('that runs out of time is really broken off', async () => {
    const { judged } = await bad('slow');
    const { rows } = await judged({ budget: { seconds: 0.001 } });
    expect(rows).toMatchObject([{ kind: 'undecided', found: 'the budget of 0.001 seconds is spent' }]);
  });
});
