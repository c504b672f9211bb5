import { ProcessDefinitionSchema } from '@holdfast/domains/catalog/catalog.schemas';
import type { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Process } from '@holdfast/domains/catalog/core/process';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { ExplanationService } from '@holdfast/domains/reconciliation/explanation.service';
import { Judge } from '@holdfast/domains/reconciliation/judge';
import { reconciliationId } from '@holdfast/domains/reconciliation/core/window';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { CatalogService as Catalog } from '@holdfast/domains/catalog/catalog.service';
import { formatInstant } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { at, IntakeStack } from '../intake/stack';

const FROM = at('2026-11-10T00:00:00Z');
const MINUTE = 60_000_000;
const TO = FROM + 120 * MINUTE;
const WINDOW = { process: 'orders', from: FROM, to: TO };
const ID = reconciliationId(WINDOW);

let engine: EmbeddedClickHouse;
let stack: IntakeStack;
let explanation: ExplanationService;

const DEFINITION = {
  stages: [
    { id: 'shop', role: 'source', system: 'Webshop' },
    { id: 'hub', role: 'integration', system: 'Message hub' },
    { id: 'erp', role: 'target', system: 'ERP' },
  ],
  fields: [{ name: 'amount', rank: 'critical' }],
} as const;

beforeAll(async () => {
  engine = await startEmbeddedClickHouse();
  stack = await IntakeStack.start(engine);
  await stack.putProcess('orders', DEFINITION as never);
  const process: Process = { ...ProcessDefinitionSchema.parse(DEFINITION), id: 'orders', version: 1 };
  const store = new ReconciliationStore(stack.clickhouse);
  const evidence = new EvidenceStore(stack.clickhouse);
  const catalog: CatalogService = stack.api.app.get(Catalog, { strict: false });
  explanation = new ExplanationService(store, evidence, catalog);

  const events: object[] = [];
  for (let n = 0; n < 200; n++) {
    const carrier = n % 10 === 0 ? 'pigeon' : 'rail';
    const lost = carrier === 'pigeon'; // between hub and erp
    for (const stage of lost ? ['shop', 'hub'] : ['shop', 'hub', 'erp'])
      events.push({
        id: `${stage}-${n}`,
        source: stage === 'shop' ? `till-${n % 3}` : stage,
        process: 'orders',
        stage,
        key: `k${n}`,
        type: 'order',
        occurredAt: formatInstant(FROM + (n % 100) * MINUTE + 7),
        originAt: formatInstant(FROM + (n % 100) * MINUTE),
        data: { amount: n === 5 && stage === 'hub' ? -1 : n, carrier, note: `n${n}` },
      });
  }
  expect((await stack.postLines(events)).body).toMatchObject({ stored: 580 });
  await store.addWindow(WINDOW, ID, 'admin', TO, false);
  const finding = await new Judge(evidence, store).judge(WINDOW, ID, process, TO + MINUTE, {
    signal: new AbortController().signal,
    from: undefined,
    save: () => undefined,
  });
  await store.addVerdict(ID, {
    ...finding,
    revision: 1,
    state: 'gaps',
    depth: 'field',
    judgedAt: TO,
    processVersion: 1,
    kinds: { missing: 20, mutated: 2 },
    open: 22,
    accepted: 0,
  });
});
afterAll(async () => {
  await stack?.stop();
  await engine?.stop();
});

it('says on which hop, before or after the integration layer, at which systems and since when', async () => {
  expect(await explanation.hops(ID)).toEqual([
    {
      hop: 'shop->hub',
      place: 'before_integration',
      cardinality: '1:1',
      from: { stages: ['shop'], systems: ['Webshop'], events: 200 },
      to: { stages: ['hub'], systems: ['Message hub'], events: 200 },
      discrepancies: { mutated: 1 },
      open: 1,
      since: FROM + 5 * MINUTE + 7,
    },
    {
      hop: 'hub->erp',
      place: 'after_integration',
      cardinality: '1:1',
      from: { stages: ['hub'], systems: ['Message hub'], events: 200 },
      to: { stages: ['erp'], systems: ['ERP'], events: 180 },
      discrepancies: { missing: 20, mutated: 1 },
      open: 21,
      since: FROM + 7,
    },
  ]);
});

it('names what the lost ones have in common and the others have not', async () => {
  const { keys, causes } = await explanation.causes(ID, { kind: 'missing', hop: 'hub->erp' });
  expect(keys).toBe(20);
  expect(causes.map(({ stage, name, value, share, otherShare }) => [stage, name, value, share, otherShare])).toEqual(
    expect.arrayContaining([
      ['hub', 'data.carrier', '"pigeon"', 1, 0],
      ['shop', 'data.carrier', '"pigeon"', 1, 0],
    ]),
  );
  // What all keys have says nothing, nor what each has for itself.
  expect(causes.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['type']));
  expect(causes.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['data.note']));
  expect((await explanation.causes(ID, { kind: 'orphan', hop: '' })).causes).toEqual([]);
});

it('is there once the window was judged', async () => {
  await expect(explanation.hops('orders_20261101T0000Z_20261101T0100Z')).rejects.toMatchObject({ kind: 'not_found' });
});
