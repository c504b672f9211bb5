import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import type { Account } from '../../apps/cli/account';
import { addAccounts } from '../../apps/cli/account';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { at, countsOf, event, intakeSuite, NONE, ORDERS, until } from './stack';

const MILLION = process.env['HOLDFAST_TEST_MILLION'] === '1';

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

jest.setTimeout(60_000);

describe('intake over HTTP', () => {
  const suite = intakeSuite();
  let evidence: EvidenceStore;
  let fresh = 0;
  /** A source of its own, so that its account can be asked for. */
  const source = (): string => `source-${++fresh}`;
  const counts = (over: Partial<Account>): Account => ({
    ...NONE,
    ...over,
    received: Object.values(over).reduce((sum, part) => sum + part, 0),
  });
  const digests = (from: string, to: string, process = 'orders') =>
    evidence.digests({ process, from: at(from), to: at(to) });

  let zstd: Zstd;
  const zstdOf = (text: string): Buffer => Buffer.from(zstd.compress(Buffer.from(text)));

  beforeAll(async () => {
    zstd = await Zstd.load();
    evidence = new EvidenceStore(suite.stack.clickhouse);
  });

  describe('forms of a body', () => {
    const forms: [string, (records: unknown[]) => string | Buffer, Record<string, string>][] = [
      ['an array', (all) => JSON.stringify(all), {}],
      ['an array over lines', (all) => `\n[\n${all.map((one) => JSON.stringify(one, null, 2)).join('\n,\n')}\n]\n`, {}],
      ['lines', (all) => all.map((one) => JSON.stringify(one)).join('\n'), { 'content-type': 'application/x-ndjson' }],
      [
        'lines that end with CRLF, with blank ones between',
        (all) => all.map((one) => `${JSON.stringify(one)}\r\n\r\n`).join(''),
        { 'content-type': 'application/x-ndjson; charset=utf-8' },
      ],
      ['an array in zstd', (all) => zstdOf(JSON.stringify(all)), { 'content-encoding': 'zstd' }],
      [
        'lines in two frames of zstd',
        (all) => Buffer.concat(all.map((one) => zstdOf(`${JSON.stringify(one)}\n`))),
        { 'content-encoding': 'zstd', 'content-type': 'application/x-ndjson' },
      ],
      ['a compressed array', (all) => gzipSync(JSON.stringify(all)), { 'content-encoding': 'gzip' }],
      [
        'compressed lines in two members',
        (all) => Buffer.concat(all.map((one) => gzipSync(`${JSON.stringify(one)}\n`))),
        { 'content-encoding': 'gzip', 'content-type': 'application/x-ndjson' },
      ],
    ];
    it.each(forms)('%s', async (_what, bodyOf, headers) => {
      const from = source();
      const records = ['1', '2', '3'].map((id) => event({ source: from, id, key: `${from}-${id}` }));
      const first = await suite.stack.post(bodyOf(records), headers);
      expect([first.status, countsOf(first.body)]).toEqual([200, counts({ stored: 3 })]);
      const again = await suite.stack.post(bodyOf(records), headers);
      expect([again.status, countsOf(again.body)]).toEqual([200, counts({ duplicate: 3 })]);
      expect(countsOf(await suite.stack.account(from))).toEqual(counts({ stored: 3, duplicate: 3 }));
      for (const record of records)
        expect(await suite.stack.timeline('orders', record['key'] as string)).toHaveLength(1);
    });

    it('one object', async () => {
      const from = source();
      const one = JSON.stringify(event({ source: from, key: from }));
      expect(countsOf((await suite.stack.post(one)).body)).toEqual(counts({ stored: 1 }));
      expect(countsOf((await suite.stack.post(`  ${one}\n`)).body)).toEqual(counts({ duplicate: 1 }));
    });

    it('keeps every field, and times to the microsecond at any offset', async () => {
      const key = source();
      const full = event({
        source: key,
        key,
        attempt: 3,
        occurredAt: '2026-11-20T10:00:00.123456+05:30',
        originAt: '2026-11-20T00:00:00.000001-03:00',
        correlationId: 'c-1',
        sequence: 9_007_199_254_740_991,
        status: 'failed',
        data: { amount: 10.5, note: 'é😀\u0000\u2028"\\', list: [1, { a: null }] },
      });
      expect((await suite.stack.post([full])).status).toBe(200);
      const { key: _key, process: _process, ...shown } = full;
      const [entry] = await suite.stack.timeline('orders', key);
      expect(entry).toMatchObject({
        ...shown,
        occurredAt: '2026-11-20T04:30:00.123456Z',
        originAt: '2026-11-20T03:00:00.000001Z',
        originFrom: 'event',
        outcome: 'stored',
        test: false,
      });
    });

    it('keeps the text of times in other forms, and says where a clock had changed', async () => {
      const key = source();
      const times = [
        { id: 'ns', occurredAt: '$NS', originAt: 1_763_600_000 },
        { id: 'twice', occurredAt: '2025-10-26T02:30', timeZone: 'Europe/Berlin' },
        { id: 'skipped', occurredAt: '2026-03-29 02:30:00[Europe/Berlin]' },
        { id: 'plain', occurredAt: '2026-11-20T10:00:00Z', originAt: '2026-11-20T10:00:00Z' },
      ];
      // More digits than a double holds: as a number, not as text.
      const body = JSON.stringify(times.map((one) => event({ source: key, key, ...one })));
      const receipt = await suite.stack.post(body.replace('"$NS"', '1763600000123456789'));
      expect(receipt.body).toMatchObject({ stored: 4 });
      const entries = new Map((await suite.stack.timeline('orders', key)).map((entry) => [entry.id, entry]));
      expect(entries.get('ns')).toMatchObject({
        occurredAt: '2025-11-20T00:53:20.123456Z',
        occurredText: '1763600000123456789',
        originText: '1763600000',
      });
      expect(entries.get('twice')).toMatchObject({
        occurredAt: '2025-10-26T00:30:00Z',
        occurredText: '2025-10-26T02:30[Europe/Berlin]',
        occurredNote: 'fold',
      });
      expect(entries.get('skipped')).toMatchObject({ occurredAt: '2026-03-29T01:30:00Z', occurredNote: 'gap' });
      const plain = Object.keys(entries.get('plain') ?? {});
      expect(plain.filter((name) => /Text|Note/.test(name))).toEqual([]);
    });

    it.each([
      `quote's "double" \\back\\slash`,
      'tab\there, line\nthere, return\r',
      'é 漢字 😀 \u2028',
      "'; DROP TABLE tracking_records; --",
      '{x:String} %27 %00 $1 ?',
      `\\N`,
      'x'.repeat(300),
      '漢'.repeat(300),
      ' leading and trailing ',
      'nul \u0000 inside',
      '\u0001\u001f\u007f',
    ])('takes the key %j, finds it again and follows its origin', async (key) => {
      const from = source();
      const first = event({
        source: from,
        id: '1',
        key,
        stage: 'erp',
        originAt: undefined,
        occurredAt: '2026-11-20T12:10:00Z',
      });
      const second = event({ source: from, id: '2', key, stage: 'shop', originAt: '2026-11-20T10:10:00Z' });
      expect(countsOf((await suite.stack.post([first])).body)).toEqual(counts({ stored: 1 }));
      expect(countsOf((await suite.stack.post([second])).body)).toEqual(counts({ stored: 1 }));
      // The first is found, and moved to the origin that the second carried.
      expect(await seenAt(key, '2026-11-20T10:10:00Z')).toEqual(['erp 1', 'shop 1']);
      expect(await seenAt(key, '2026-11-20T12:10:00Z')).toEqual([]);
      expect(countsOf((await suite.stack.post([first, second])).body)).toEqual(counts({ duplicate: 2 }));
      const reworded = `{"data":{ "amount": 1.0 },${JSON.stringify(first).slice(1).replace('"data":{"amount":1}', '"attempt":1')}`;
      expect(countsOf((await suite.stack.post(reworded)).body)).toEqual(counts({ duplicate: 1 }));
      expect((await suite.stack.timeline('orders', key)).map(({ id }) => id)).toEqual(['2', '1']);
    });
  });

  /** Stages at which a key has events that count, of business facts in the minute that begins then. */
  async function seenAt(key: string, minute: string): Promise<string[]> {
    const window = { process: 'orders', from: at(minute), to: at(minute) + 60_000_000 };
    const rows = await all(evidence.sightings(window, [key], Number.MAX_SAFE_INTEGER, new AbortController().signal));
    return rows.map(({ stage, events }) => `${stage} ${events}`).sort();
  }

  describe('what a record is', () => {
    it('a record with another payload is a conflict: kept, seen, and counts for nothing', async () => {
      const key = source();
      const said = event({ source: key, key, occurredAt: '2026-11-18T09:00:00Z', originAt: '2026-11-18T09:00:00Z' });
      await suite.stack.post([said]);
      const before = await digests('2026-11-18T09:00:00Z', '2026-11-18T10:00:00Z');
      const other = await suite.stack.post([{ ...said, data: { amount: 2 } }]);
      expect([other.status, other.body['code'], countsOf(other.body)]).toEqual([
        409,
        'record_conflict',
        counts({ conflict: 1 }),
      ]);
      // One good record beside it is enough for a 200; the conflict is named by its line.
      const mixed = await suite.stack.post([
        event({ source: key, id: 'e2', key: `${key}-2` }),
        { ...said, type: 'other' },
      ]);
      expect([mixed.status, mixed.body['problems']]).toEqual([
        200,
        [expect.objectContaining({ line: 2, outcome: 'conflict', code: 'conflict' })],
      ]);
      // Twice the same and a third payload in one batch: the first counts.
      const batch = await suite.stack.post([
        event({ source: key, id: 'e3', key }),
        event({ source: key, id: 'e3', key }),
        event({ source: key, id: 'e3', key, data: { amount: 3 } }),
        event({ source: key, id: 'e3', key, data: { amount: 4 } }),
      ]);
      expect(countsOf(batch.body)).toEqual(counts({ stored: 1, duplicate: 1, conflict: 2 }));
      expect(await digests('2026-11-18T09:00:00Z', '2026-11-18T10:00:00Z')).toEqual(before);
      for (const limit of [100, 1]) {
        const entries = await suite.stack.timeline('orders', key, limit);
        expect(
          entries.map(({ id, outcome, data }) => [id, outcome, (data as { amount: number }).amount]).sort(),
        ).toEqual([
          ['e1', 'conflict', 1],
          ['e1', 'conflict', 2],
          ['e1', 'stored', 1],
          ['e3', 'conflict', 3],
          ['e3', 'conflict', 4],
          ['e3', 'stored', 1],
        ]);
      }
      expect(countsOf(await suite.stack.account(key))).toEqual(counts({ stored: 3, duplicate: 1, conflict: 4 }));
    });

    it('a flag is a part of what was said: false is the same as none, and nothing else is', async () => {
      const key = source();
      const said = event({ source: key, key, manual: true });
      await suite.stack.post([said]);
      expect(countsOf((await suite.stack.post([{ ...said, test: false }])).body)).toEqual(counts({ duplicate: 1 }));
      for (const other of [{ manual: false }, { synthetic: true }, { test: true }])
        expect(countsOf((await suite.stack.post([{ ...said, ...other }])).body)).toEqual(counts({ conflict: 1 }));
      const [stored] = await suite.stack.timeline('orders', key);
      expect(stored).toMatchObject({ manual: true, synthetic: false, test: false });
    });

    it('a reformatted resend is a duplicate, numbers that only a double would confuse are a conflict', async () => {
      const key = source();
      const head = JSON.stringify(event({ source: key, key })).slice(0, -'{"amount":1}}'.length);
      await suite.stack.post(`${head}{"amount":12345678901234567890,"b":[1.50,1e3],"c":"é"}}`);
      const same = await suite.stack.post(
        `${head} { "c":"\\u00e9", "b":[ 1.5, 1000 ], "amount":1234567890123456789e1 } }`,
      );
      expect(countsOf(same.body)).toEqual(counts({ duplicate: 1 }));
      const near = await suite.stack.post(`${head}{"amount":12345678901234567891,"b":[1.50,1e3],"c":"é"}}`);
      expect(countsOf(near.body)).toEqual(counts({ conflict: 1 }));
      const far = await suite.stack.post(`${head.replace('"e1"', '"e9"')}{"amount":1e400}}`);
      expect(countsOf(far.body)).toEqual(counts({ stored: 1 }));
      const farther = await suite.stack.post(`${head.replace('"e1"', '"e9"')}{"amount":1e401}}`);
      expect(countsOf(farther.body)).toEqual(counts({ conflict: 1 }));
    });

    it('the highest attempt of an event counts, in whatever order attempts come', async () => {
      const key = source();
      const [from, to] = ['2026-11-17T09:00:00Z', '2026-11-17T10:00:00Z'];
      const attempt = (n: number, over: object = {}) =>
        event({ source: key, key, occurredAt: from, originAt: from, attempt: n, data: { amount: n }, ...over });
      const sums = async () =>
        (await digests(from, to)).map(({ stage, events, digestSum }) => ({ stage, events, digestSum }));
      await suite.stack.post([attempt(2)]);
      const second = await sums();
      expect(second).toMatchObject([{ stage: 'shop', events: 1 }]);
      await suite.stack.post([attempt(1)]);
      expect(await sums()).toEqual(second);
      await suite.stack.post([attempt(4, { status: 'failed' }), attempt(3)]);
      expect(await sums()).toEqual([]);
      await suite.stack.post([attempt(5, { data: { amount: 2 } })]);
      expect(await sums()).toEqual(second);
      const elsewhere = await suite.stack.post([attempt(6, { key: `${key}-x` }), attempt(7, { stage: 'erp' })]);
      expect([elsewhere.status, elsewhere.body['code']]).toEqual([400, 'all_rejected']);
      expect(elsewhere.body['problems']).toMatchObject([{ code: 'attempt_differs' }, { code: 'attempt_differs' }]);
      expect(await sums()).toEqual(second);
      expect(countsOf(await suite.stack.account(key))).toEqual(counts({ stored: 5, rejected: 2 }));
    });

    it('rows of a key move to an origin that becomes known late, also when its first event comes last', async () => {
      const key = source();
      const hours = ['2026-11-16T08:00:00Z', '2026-11-16T09:00:00Z', '2026-11-16T10:00:00Z', '2026-11-16T11:00:00Z'];
      const without = (id: string, stage: string, occurredAt: string) =>
        event({ source: key, id, key, stage, occurredAt, originAt: undefined });
      const where = async () =>
        Object.fromEntries(
          await Promise.all(
            hours
              .slice(0, -1)
              .map(async (from, i) => [
                from.slice(11, 13),
                (await digests(from, hours[i + 1]!)).map(({ stage, events }) => `${stage} ${events}`).join(),
              ]),
          ),
        ) as Record<string, string>;
      await suite.stack.post([without('3', 'erp', '2026-11-16T10:30:00Z')]);
      expect(await where()).toEqual({ '08': '', '09': '', '10': 'erp 1' });
      await suite.stack.post([without('2', 'hub', '2026-11-16T09:30:00Z')]); // earlier: the key's origin as far as anybody knows
      expect(await where()).toEqual({ '08': '', '09': 'erp 1,hub 1', '10': '' });
      await suite.stack.post([
        event({ source: key, id: '1', key, occurredAt: '2026-11-16T09:10:00Z', originAt: '2026-11-16T08:05:00Z' }),
      ]);
      expect(await where()).toEqual({ '08': 'erp 1,hub 1,shop 1', '09': '', '10': '' });
      await suite.stack.post([without('4', 'erp', '2026-11-16T10:59:00Z')]);
      expect(await where()).toEqual({ '08': 'erp 2,hub 1,shop 1', '09': '', '10': '' });
      await suite.stack.post([{ ...without('4', 'erp', '2026-11-16T10:59:30Z'), attempt: 2, status: 'cancelled' }]);
      expect(await where()).toEqual({ '08': 'erp 1,hub 1,shop 1', '09': '', '10': '' });
    });

    it('a process that has just got a stage takes its events at once', async () => {
      const key = source();
      expect((await suite.stack.post([event({ source: key, process: key, key })])).body['code']).toBe('all_rejected');
      await suite.stack.putProcess(key, ORDERS);
      expect((await suite.stack.post([event({ source: key, process: key, key })])).status).toBe(200);
      expect((await suite.stack.post([event({ source: key, id: '2', process: key, key, stage: 'bank' })])).status).toBe(
        400,
      );
      await suite.stack.putProcess(key, { ...ORDERS, stages: [...ORDERS.stages, { id: 'bank', role: 'target' }] }, 2);
      expect((await suite.stack.post([event({ source: key, id: '2', process: key, key, stage: 'bank' })])).status).toBe(
        200,
      );
      const { bySource } = await suite.stack.account(key);
      expect(bySource).toEqual([
        { source: key, process: null, ...counts({ rejected: 1 }) },
        { source: key, process: key, ...counts({ stored: 2, rejected: 1 }) },
      ]);
    });
  });

  describe('bad input', () => {
    const soon = new Date(Date.now() + 2 * 86_400_000).toISOString();
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    const record = (over: Record<string, unknown>, key: string) => JSON.stringify(event({ source: key, key, ...over }));
    const raw = (field: string, json: string) => (key: string) =>
      `${JSON.stringify(event({ source: key, key, [field]: undefined })).slice(0, -1)},"${field}":${json}}`;
    const cases: [string, string, string, (key: string) => string | Buffer][] = [
      ['no JSON', 'malformed_json', '', () => '{"id":'],
      ['text behind the value', 'malformed_json', '', (key) => `${record({}, key)} x`],
      ['a number', 'not_an_object', '', () => '5'],
      ['an array for a record', 'not_an_object', '', () => '[1]'],
      ['null', 'not_an_object', '', () => 'null'],
      ['an unknown field', 'unknown_field', 'amount', (key) => record({ amount: 1 }, key)],
      ['a field of the prototype', 'unknown_field', '', raw('__proto__', '{"a":1}')],
      ['a missing field', 'missing_field', 'key', (key) => record({ key: undefined }, key)],
      ['a number for a key', 'wrong_type', 'key', (key) => record({ key: 5 }, key)],
      ['an empty key', 'invalid_value', 'key', (key) => record({ key: '' }, key)],
      ['a long key', 'too_long', 'key', (key) => record({ key: 'k'.repeat(301) }, key)],
      ['half a surrogate pair', 'invalid_value', 'key', raw('key', '"\\ud800"')],
      ['data that is no object', 'wrong_type', 'data', (key) => record({ data: [1] }, key)],
      ['null for data', 'wrong_type', 'data', (key) => record({ data: null }, key)],
      ['a fraction for a sequence', 'invalid_value', 'sequence', (key) => record({ sequence: 1.5 }, key)],
      ['a sequence beyond 2^53', 'invalid_value', 'sequence', raw('sequence', '9007199254740993')],
      ['attempt 0', 'invalid_value', 'attempt', (key) => record({ attempt: 0 }, key)],
      ['attempt 65536', 'invalid_value', 'attempt', (key) => record({ attempt: 65_536 }, key)],
      ['an unknown status', 'invalid_value', 'status', (key) => record({ status: 'fine' }, key)],
      ['a text for test', 'wrong_type', 'test', (key) => record({ test: 'true' }, key)],
      ['a number for manual', 'wrong_type', 'manual', (key) => record({ manual: 1 }, key)],
      ['null for synthetic', 'wrong_type', 'synthetic', (key) => record({ synthetic: null }, key)],
      ['no time', 'invalid_time', 'occurredAt', (key) => record({ occurredAt: '2026-11-20T09:00:00' }, key)],
      [
        'a day that is not there',
        'invalid_time',
        'originAt',
        (key) => record({ originAt: '2026-02-30T09:00:00Z' }, key),
      ],
      ['a number that is no time', 'invalid_time', 'occurredAt', (key) => record({ occurredAt: 12 }, key)],
      ['a list for a time', 'wrong_type', 'occurredAt', (key) => record({ occurredAt: [] }, key)],
      [
        'a zone that does not exist',
        'unknown_time_zone',
        'occurredAt',
        (key) => record({ occurredAt: '2026-01-01T00:00', timeZone: 'Mars/Olympus' }, key),
      ],
      [
        'an offset that the zone does not have',
        'contradictory_time',
        'occurredAt',
        (key) => record({ occurredAt: '2026-01-01T00:00:00+02:00[Europe/Berlin]' }, key),
      ],
      ['a time to come', 'time_out_of_bounds', 'occurredAt', (key) => record({ occurredAt: soon }, key)],
      [
        'an origin to come',
        'time_out_of_bounds',
        'originAt',
        (key) => record({ originAt: '9999-12-31T23:59:59Z' }, key),
      ],
      [
        'an ancient time',
        'time_out_of_bounds',
        'occurredAt',
        (key) => record({ occurredAt: '1999-12-31T23:59:59.999999Z' }, key),
      ],
      ['year 0', 'time_out_of_bounds', 'originAt', (key) => record({ originAt: '0000-01-01T00:00:00Z' }, key)],
      ['an unknown process', 'unknown_process', 'process', (key) => record({ process: 'nobody' }, key)],
      ['an odd process', 'unknown_process', 'process', (key) => record({ process: "o'r\u0000\\" }, key)],
      ['an unknown stage', 'unknown_stage', 'stage', (key) => record({ stage: 'nowhere' }, key)],
      ['deep nesting', 'too_deep', '', (key) => record({ data: nested(40) }, key)],
      ['very deep nesting', 'too_deep', '', (key) => raw('data', `${'['.repeat(400_000)}${']'.repeat(400_000)}`)(key)],
      ['a name twice', 'duplicate_field', '', (key) => raw('key', '"a","key":"b"')(key)],
      ['a name twice in data', 'duplicate_field', '', raw('data', '{"a":{"b":1,"\\u0062":2}}')],
      [
        'bytes that are no UTF-8',
        'invalid_utf8',
        '',
        (key) => Buffer.from(record({}, key).replace('order', '\xff'), 'latin1'),
      ],
      [
        'an overlong form of /',
        'invalid_utf8',
        '',
        (key) => Buffer.from(record({}, key).replace('order', '\xc0\xaf'), 'latin1'),
      ],
      ['a line of 10 MB', 'line_too_long', '', (key) => record({ data: { amount: 'x'.repeat(10_000_000) } }, key)],
      ['a byte order mark', 'malformed_json', '', (key) => `\ufeff${record({}, key)}`],
    ];
    it.each(cases)('%s: %s', async (_what, code, field, bodyOf) => {
      const key = source();
      const bad = bodyOf(key);
      const before = await suite.stack.account();
      const alone = await suite.stack.post(bad, { 'content-type': 'application/x-ndjson' });
      expect([alone.status, alone.body['code'], countsOf(alone.body)]).toEqual([
        400,
        'all_rejected',
        counts({ rejected: 1 }),
      ]);
      expect(alone.body['problems']).toMatchObject([{ line: 1, outcome: 'rejected', code, field }]);
      expect(alone.headers['content-type']).toContain('application/problem+json');
      // Among good ones, the good ones are stored, and the line is named.
      const good = ['a', 'b'].map((id) => Buffer.from(record({ id, key: `${key}-${id}` }, key)));
      const lines = Buffer.concat([good[0]!, Buffer.from('\n'), Buffer.from(bad), Buffer.from('\n'), good[1]!]);
      const among = await suite.stack.post(lines, { 'content-type': 'application/x-ndjson' });
      expect([among.status, countsOf(among.body)]).toEqual([200, counts({ stored: 2, rejected: 1 })]);
      expect(among.body['problems']).toMatchObject([{ line: 2, code, field }]);
      expect(countsOf(await suite.stack.account())).toEqual(
        addAccounts(countsOf(before), counts({ stored: 2, rejected: 2 })),
      );
    });

    it('answers repeat no value of a record', async () => {
      const key = source();
      const canary = 'canary-5f2a';
      const bad = [
        { [canary]: 1 },
        { key: canary.repeat(40) },
        { occurredAt: canary },
        { process: canary },
        { stage: canary },
      ];
      const answer = await suite.stack.postLines([...bad.map((over) => record(over, key)), `{"id":"${canary}`]);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain(`${canary}${canary}`);
      expect(JSON.stringify(answer.body['problems']).replaceAll(`"field":"${canary}"`, '')).not.toContain(canary);
    });

    const broken: [string, (good: string[]) => string | Buffer, number, Record<string, string>][] = [
      ['ends inside the third element', (all) => `[${all.join()},{"id":`, 2, {}],
      ['ends behind a comma', (all) => `[${all.join()},`, 2, {}],
      ['ends without its bracket', (all) => `[${all.join()}`, 2, {}],
      ['has a comma too many', (all) => `[${all.join()},,${all.join()}]`, 2, {}],
      ['goes on behind its end', (all) => `[${all.join()}] {}`, 2, {}],
      ['lacks a comma', (all) => `[${all.join(' ')}]`, 1, {}],
      ['is an object and another', (all) => all.join('\n'), 1, {}],
      ['is nothing', () => ' \n', 0, {}],
      ['is no zstd', (all) => `[${all.join()}]`, 0, { 'content-encoding': 'zstd' }],
      ['is no gzip', (all) => `[${all.join()}]`, 0, { 'content-encoding': 'gzip' }],
    ];
    it.each(broken)('a body that %s: 400, and what was counted stays', async (_what, bodyOf, stored, headers) => {
      const key = source();
      const good = ['a', 'b'].map((id) => record({ id, key: `${key}-${id}` }, key));
      const answer = await suite.stack.post(bodyOf(good), headers);
      expect([answer.status, answer.body['code'], countsOf(answer.body)]).toEqual([
        400,
        'body_broken',
        counts({ stored }),
      ]);
      expect(answer.body['line']).toBe(stored + 1);
      expect(countsOf(await suite.stack.account(key))).toEqual(counts({ stored }));
      const again = await suite.stack.post(`[${good.join()}]`);
      expect(countsOf(again.body)).toEqual(counts({ stored: 2 - stored, duplicate: stored }));
    });

    it('a large body that breaks in its middle: 400 with the counts before, and the connection goes on', async () => {
      const key = source();
      const records = Array.from({ length: 12_100 }, (_, i) => record({ id: String(i), key: `${key}-${i}` }, key));
      const answer = await suite.stack.post(`[${records.slice(0, 12_000).join()},!!,${records.slice(12_000).join()}]`);
      // What is no JSON is an element of its own, rejected; what is no list any more breaks.
      expect([answer.status, countsOf(answer.body)]).toEqual([200, counts({ stored: 12_100, rejected: 1 })]);
      // Most of the body is still on its way when it breaks: the answer gets out all the same.
      const rest = `${records.slice(12_000).join()},`.repeat(800);
      const cut = await suite.stack.post(`[${records.slice(0, 100).join()},,${rest}{}]`);
      expect([cut.status, cut.body['code'], cut.body['line']]).toEqual([400, 'body_broken', 101]);
      expect(countsOf(cut.body)).toEqual(counts({ duplicate: 100 }));
    });

    it('a gzip stream that is cut off or damaged: 400, and the counts are those of the account', async () => {
      const key = source();
      const lines = Array.from({ length: 12_000 }, (_, i) => record({ id: String(i), key: `${key}-${i}` }, key));
      const whole = gzipSync(lines.join('\n'));
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, whole.length >> 1, (whole.length >> 1) + 64);
      const headers = { 'content-encoding': 'gzip', 'content-type': 'application/x-ndjson' };
      const before = countsOf(await suite.stack.account());
      let sum = NONE;
      for (const body of [whole.subarray(0, whole.length - 9), whole.subarray(0, 20), damaged, Buffer.alloc(0)]) {
        const answer = await suite.stack.post(body, headers);
        expect(answer.status).toBe(400);
        expect(['body_broken', 'body_empty']).toContain(answer.body['code']);
        if (answer.body['received'] !== undefined) sum = addAccounts(sum, countsOf(answer.body));
      }
      // Lines that the damage made illegible have no source: the account of all says what became of them.
      expect(countsOf(await suite.stack.account())).toEqual(addAccounts(before, sum));
      const all = await suite.stack.post(whole, headers);
      expect(countsOf(all.body)).toEqual(counts({ stored: 12_000 - sum.stored, duplicate: sum.stored }));
    });

    it.each(['gzip', 'zstd'])('a bomb in %s is cut off, in bounded memory', async (encoding) => {
      const blank = Buffer.alloc(150_000_000, '\n');
      const bomb = encoding === 'gzip' ? gzipSync(blank, { level: 9 }) : Buffer.from(zstd.compress(blank));
      expect(bomb.length).toBeLessThan(200_000);
      const before = process.memoryUsage().rss;
      const answer = await suite.stack.post(Buffer.concat([bomb, bomb]), {
        'content-encoding': encoding,
        'content-type': 'application/x-ndjson',
      });
      expect([answer.status, answer.body['code']]).toEqual([400, 'body_broken']);
      expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
    });

    it.each([
      ['no content type', { 'content-type': '' }, 415],
      ['text', { 'content-type': 'text/plain' }, 415],
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['deflate', { 'content-encoding': 'deflate' }, 415],
      ['two encodings', { 'content-encoding': 'gzip, gzip' }, 415],
      ['no key', { authorization: '' }, 401],
      ['a wrong key', { authorization: 'Bearer hf_nothing_nothing' }, 401],
    ])('%s is refused, and nothing is stored', async (_what, headers, status) => {
      const key = source();
      const answer = await suite.stack.post([event({ source: key, key })], headers);
      expect(answer.status).toBe(status);
      expect(countsOf(await suite.stack.account(key))).toEqual(NONE);
    });

    it('GZIP in capitals is gzip', async () => {
      const key = source();
      const answer = await suite.stack.post(gzipSync(JSON.stringify([event({ source: key, key })])), {
        'content-encoding': 'GZIP',
      });
      expect(answer.status).toBe(200);
    });

    it.each([
      ['/v1/intake?from=2026-01-01T00:00:00Z&to=9999-12-31T00:00:00Z'],
      ['/v1/intake?from=0001-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'],
      ['/v1/intake?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00%2B01:00'],
      ['/v1/intake?from=2026-01-01T00:00:00.5Z&to=2026-01-02T00:00:00Z'],
      ['/v1/intake?from=yesterday&to=today'],
      ['/v1/intake'],
      ['/v1/intake?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&more=1'],
      ['/v1/events?process=orders'],
      ['/v1/events?process=orders&key=a&key=b'],
      ['/v1/events?process=orders&key=a&limit=0'],
      ['/v1/events?process=orders&key=a&limit=1e9'],
      ['/v1/events?process=orders&key=a&cursor=abc'],
      [`/v1/events?process=orders&key=a&cursor=${Buffer.from('["events",[1e300,"","",1,1]]').toString('base64url')}`],
      [`/v1/events?process=orders&key=a&cursor=${Buffer.from('["events",[-1,"","",-1,1]]').toString('base64url')}`],
      ...['-1', '18446744073709551616', '1x'].map((hash) => [
        `/v1/events?process=orders&key=a&cursor=${Buffer.from(`["events",[1,"","",1,1,"${hash}"]]`).toString('base64url')}`,
      ]),
    ])('a wrong question is a 400: %s', async (path) => {
      const { status, headers } = await suite.stack.get(path);
      expect([status, headers['content-type']]).toEqual([400, expect.stringContaining('problem+json')]);
    });

    it('a client that goes away in the middle leaves whole records or none', async () => {
      for (const [form, open] of [
        ['application/x-ndjson', ''],
        ['application/json', '['],
      ] as const) {
        const key = source();
        const body =
          open +
          Array.from({ length: 400 }, (_, i) => record({ id: String(i), key: `${key}-${i}` }, key)).join(
            open ? ',' : '\n',
          );
        await new Promise<void>((resolve, reject) => {
          const { hostname, port } = new URL(suite.stack.address);
          const socket = connect(Number(port), hostname, () => {
            socket.write(
              `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${suite.stack.key}\r\nContent-Type: ${form}\r\nContent-Length: ${body.length * 2}\r\n\r\n${body.slice(0, -200)}`,
              () => socket.resetAndDestroy(),
            );
          });
          socket.on('close', () => resolve()).on('error', reject);
        }).catch(() => undefined);
        // The same records again: each is there or not, and the account says which.
        const whole = await suite.stack.post(open ? `${body}]` : body, { 'content-type': form });
        expect((whole.body['stored'] as number) + (whole.body['duplicate'] as number)).toBe(400);
        await until('each record is there once', async () => (await suite.stack.account(key)).stored === 400);
        await until('what was cut off is counted', async () => {
          const { received, rejected, conflict } = await suite.stack.account(key);
          return received >= 400 && rejected + conflict === 0;
        });
      }
    });

    it(`a batch of ${MILLION ? '1,000,000' : '100,000'} lines is taken, and taken again as duplicates`, async () => {
      const key = source();
      const rows = MILLION ? 1_000_000 : 100_000;
      const body = Buffer.from(
        Array.from({ length: rows }, (_, i) => record({ id: String(i), key: `${key}-${i >> 1}` }, key)).join('\n'),
      );
      const headers = { 'content-type': 'application/x-ndjson' };
      expect(countsOf((await suite.stack.post(body, headers)).body)).toEqual(counts({ stored: rows }));
      expect(countsOf((await suite.stack.post(body, headers)).body)).toEqual(counts({ duplicate: rows }));
      expect(countsOf(await suite.stack.account(key))).toEqual(counts({ stored: rows, duplicate: rows }));
    }, 300_000);

    it('a batch that comes again in other words, or says something else, takes no query for each record', async () => {
      const key = source();
      const records = Array.from({ length: 2_000 }, (_, i) =>
        event({ source: key, id: String(i), key: `${key}-${i}` }),
      );
      await suite.stack.postLines(records);
      const asked = jest.spyOn(suite.stack.clickhouse, 'rows');
      const reworded = await suite.stack.postLines(
        records.map((one) => JSON.stringify(one).replace('"amount":1', '"amount": 1.0')),
      );
      expect(countsOf(reworded.body)).toEqual(counts({ duplicate: records.length }));
      const others = await suite.stack.postLines(records.map((one) => ({ ...one, data: { amount: 2 } })));
      expect(countsOf(others.body)).toEqual(counts({ conflict: records.length }));
      expect(asked.mock.calls.length).toBeLessThan(100);
      asked.mockRestore();
    });
  });

  it('keeps data as it came, byte for byte', async () => {
    const key = source();
    const data = '{ "amount" : 1.10, "b":[ ],"long":123456789012345678901234567890,"e":"\\u00e9\\/" }';
    await suite.stack.post(
      `${JSON.stringify(event({ source: key, key, data: undefined })).slice(0, -1)},"data":${data}}`,
    );
    await suite.stack.post(
      `${JSON.stringify(event({ source: key, id: '2', key, data: undefined })).slice(0, -1)},"d\\u0061ta":${data}}`,
    );
    const window = { process: 'orders', from: at('2026-11-20T09:00:00Z'), to: at('2026-11-20T10:00:00Z') };
    const stored = await all(evidence.sightingsWithData(window, [key], new AbortController().signal));
    expect(stored.map((one) => createHash('sha256').update(one.data).digest('hex'))).toEqual(
      [data, data].map((one) => createHash('sha256').update(one).digest('hex')),
    );
  });
});
