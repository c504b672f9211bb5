import { InspectionStore } from '@holdfast/domains/findings/inspection.store';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { PROBE_SOURCE, probeEvent } from '@holdfast/domains/synthetics/core/synthetic';
import { SyntheticSchema } from '@holdfast/domains/synthetics/synthetic.schemas';
import { formatInstant } from '@holdfast/kernel';
import { event, intakeSuite } from '../intake/stack';

const suite = intakeSuite();
const DAY = 86_400_000_000;
const definition = SyntheticSchema.parse({
  ...{ process: 'orders', send: ['shop'], data: { amount: 5 }, owner: 'team', escalationPolicy: 'on-call' },
});
const now = (): number => Date.now() * 1000;

/** Everything that counts, as of now: what windows compare, what BI tools read, arrivals, clocks, watermarks and the account. */
async function counted(): Promise<Record<string, unknown>> {
  const { clickhouse } = suite.stack;
  const inspections = new InspectionStore(clickhouse);
  const evidence = new EvidenceStore(clickhouse);
  const [from, to] = [now() - DAY, now() + DAY];
  const wholeDays = [Math.floor(from / DAY) * DAY, Math.ceil(to / DAY) * DAY] as const;
  await clickhouse.command('TRUNCATE TABLE arrival_counts');
  const arrivals = await inspections.keepArrivals(...wholeDays);
  const kept: unknown[] = [];
  const everyHour = Array.from({ length: 168 }, (_, hour) => hour);
  for await (const page of inspections.arrivals(...wholeDays, everyHour))
    kept.push(...page.map(({ source, counts }) => [source, [...counts.values()].reduce((a, b) => a + b, 0)]));
  const { bySource, ...account } = await suite.stack.account();
  return {
    digests: await evidence.digests({ process: 'orders', from, to }),
    arrivals,
    kept,
    clocks: await inspections.receipts(from, to),
    marks: await evidence.sourceWatermarks('orders'),
    reached: await evidence.watermarks('orders', from),
    account: { ...account, to: undefined, from: undefined },
    sources: bySource.map(({ source, stored }) => [source, stored]),
  };
}

test('probes that Holdfast sends count nowhere: the same digests, keys, arrivals, clocks, watermarks and account as without them', async () => {
  const at = now();
  const real = { occurredAt: formatInstant(at - 60_000_000), originAt: formatInstant(at - 60_000_000) };
  await suite.stack.post(['shop', 'hub', 'erp'].map((stage) => event({ id: stage, source: stage, stage, ...real })));
  const before = await counted();
  expect(before).toMatchObject({
    kept: [
      ['erp', 1],
      ['hub', 1],
      ['shop', 1],
    ],
    account: { stored: 3 },
  });

  const probe = probeEvent('path', definition, 'shop', formatInstant(now()), 'holdfast-probe-path-1');
  const { body } = await suite.stack.post([probe]);
  expect(body).toMatchObject({ stored: 1 });
  expect(await counted()).toEqual(before);
  // It is there for those who ask for it.
  expect(await suite.stack.timeline('orders', 'holdfast-probe-path-1')).toMatchObject([{ synthetic: true }]);
  expect(await suite.stack.account(PROBE_SOURCE)).toMatchObject({ received: 1, stored: 1 });
});

test('probes that a system passes on are no business either, but say how far it has come', async () => {
  const before = await counted();
  const passedOn = event({
    ...{ id: 'passed-on', source: 'hub', stage: 'hub', key: 'holdfast-probe-path-1', synthetic: true },
    ...{ occurredAt: formatInstant(now() - 3_600_000_000), originAt: formatInstant(now()) },
  });
  expect((await suite.stack.post([passedOn])).body).toMatchObject({ stored: 1 });
  const after = await counted();
  const same = ['digests', 'arrivals', 'kept', 'clocks', 'reached'];
  for (const name of same) expect([name, after[name]]).toEqual([name, before[name]]);
  expect(after['marks']).not.toEqual(before['marks']);
  expect(after['account']).toMatchObject({ stored: 4 }); // the hub sent it, and is told that it arrived
});
