import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import { RecordMasker } from '@holdfast/domains/privacy/core/mask-record';
import { Plan } from '@holdfast/domains/privacy/core/plan';
import { plainHash, tokenMaker } from '@holdfast/domains/privacy/tokens';
import { type Benchmark, median, rounded } from './benchmark';

const ROUNDS = 7;

/** Data of 8 fields as the shop, the hub and the ERP tell it of one order, about 300 bytes: a record of 520. */
function dataOf(order: number): Record<string, unknown> {
  const id = String(order).padStart(8, '0');
  return {
    amount: (order % 100_000) / 100,
    currency: 'EUR',
    customerId: `C-${id}`,
    email: `jane.doe.${id}@example.com`,
    phone: `+49 151 ${id}`,
    lines: [
      { sku: `A${id}12`, quantity: 2, price: 12.5 },
      { sku: `B${id}34`, quantity: 1, price: 3.75 },
    ],
    placedAt: '2026-11-20T09:30:00.123Z',
    note: 'deliver in the morning, ring twice, leave it with the neighbours if nobody is there',
  };
}

/** Microseconds of processor time a record, the median of rounds: what waits for a processor is not measured. */
function micros(records: readonly Buffer[], run: (data: Buffer) => void): number {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    for (const data of records) run(data);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / records.length);
  }
  return median(times.slice(1));
}

export const masking: Benchmark = {
  name: 'masking',
  about: 'masking a record of three personal fields among 8, against JSON.parse of its data, us (--records 30000)',
  async run(options) {
    const count = Number(options['records'] ?? 30_000);
    const records = Array.from({ length: count }, (_, i) => Buffer.from(JSON.stringify(dataOf(i))));
    // Each order is told of by three systems, one soon after the other.
    const told = Array.from({ length: count }, (_, i) => records[Math.floor(i / 300) * 100 + (i % 100)]!);
    const plain = records.map((data) =>
      Buffer.from(data.toString().replace(/"(customerId|email|phone)":"[^"]*"/g, '"x$1":"y"')),
    );
    const plan = new Plan(BUILT_IN_POLICY, 'production', { token: tokenMaker(Buffer.alloc(32, 1)), hash: plainHash });
    const masker = new RecordMasker(plan);
    const baseline = micros(told, (data) => void JSON.parse(data.toString()));
    const figure = micros(told, (data) => void masker.mask(data));
    return {
      figure: rounded(figure),
      unit: 'us',
      baseline: rounded(baseline),
      ratio: rounded(figure / baseline),
      target: 4,
      each_value_once_us: rounded(micros(records, (data) => void masker.mask(data))),
      nothing_personal_us: rounded(micros(plain, (data) => void masker.mask(data))),
      data_bytes: records[0]!.length,
    };
  },
};
