import { TupleParam } from '@clickhouse/client';
import fc from 'fast-check';
import { startTarget, valueOf, type Target } from './target';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.stop());

const STRINGS = [
  '',
  "it's",
  "''",
  '\\',
  "\\'",
  'a\\nb',
  'line\nline',
  '\r\n',
  '\t',
  'ü 😀 漢',
  'nul\0nul',
  '\0',
  '%20 + &a=b',
  '{x:String}',
  '\\N',
  'NULL',
  '‘;’',
  '--',
];

/** Type, what is given, and what comes back in JSON. */
const VALUES: readonly (readonly [type: string, given: unknown, back?: unknown])[] = [
  ...STRINGS.map((text) => ['String', text] as const),
  ['Int8', -128],
  ['Int32', -2_147_483_648],
  ['UInt32', 4_294_967_295],
  ['UInt64', '18446744073709551615'],
  ['UInt64', 18_446_744_073_709_551_615n, '18446744073709551615'],
  ['Int64', '-9223372036854775808'],
  ['UInt128', '340282366920938463463374607431768211455'],
  ['Float64', 0.1],
  ['Float64', -1.7976931348623157e308],
  ['Float64', 5e-324],
  ['Bool', true],
  ['Bool', false],
  ['Date', '2026-02-28'],
  ['DateTime64(6)', '2026-02-28 23:59:59.123456'],
  ["DateTime64(6, 'UTC')", '1969-12-31 23:59:59.999999'],
  ["DateTime64(3, 'UTC')", new Date('2026-02-28T23:59:59.123Z'), '2026-02-28 23:59:59.123'],
  ['UUID', '0190a5c8-7c3d-7000-8000-0123456789ab'],
  ['Decimal(18, 4)', '12345678901234.5678', 12345678901234.5678],
  ['Array(String)', STRINGS],
  ['Array(String)', []],
  ['Array(UInt64)', [1n, 18_446_744_073_709_551_615n], ['1', '18446744073709551615']],
  ['Array(Array(UInt8))', [[1], [], [2, 3]]],
  ['Array(Nullable(String))', ['a', null]],
  ['Tuple(UInt8, String)', new TupleParam([1, "it's"]), [1, "it's"]],
  ['Map(String, UInt64)', { "it's": 1, 'a\\b': 2 }, { "it's": '1', 'a\\b': '2' }],
  ['Map(String, Array(String))', new Map([['k', STRINGS]]), { k: STRINGS }],
  ['Nullable(String)', null],
  ['Nullable(String)', 'NULL'],
  ['Nullable(UInt64)', null],
];

describe.each([
  ['in the URL', {}],
  ['as multipart', { use_multipart_params: true }],
])('parameters %s', (_, how) => {
  const roundTrip = (type: string, given: unknown): Promise<unknown> =>
    valueOf(target.client, `SELECT {value:${type}} AS value`, { query_params: { value: given }, ...how });

  test.each(VALUES.map(([type, given, back = given]) => [type, given, back] as const))(
    '%s %p',
    async (type, given, back) => {
      await expect(roundTrip(type, given)).resolves.toEqual(back);
    },
  );

  it('takes numbers that JSON has no word for', async () => {
    const ask = (query: string, value: number): Promise<unknown> =>
      valueOf(target.client, query, { query_params: { value }, ...how });
    await expect(ask('SELECT isNaN({value:Float64})', NaN)).resolves.toBe(1);
    await expect(ask('SELECT {value:Float64} = inf', Infinity)).resolves.toBe(1);
    await expect(ask('SELECT {value:Float64} = -inf', -Infinity)).resolves.toBe(1);
  });

  it('takes any text', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        await expect(roundTrip('Array(String)', given)).resolves.toEqual(given);
        await expect(roundTrip('String', given[0])).resolves.toBe(given[0]);
      }),
      { numRuns: 15 },
    );
  });

  it('takes ten thousand elements', async () => {
    const query = 'SELECT [length({value:Array(UInt64)}), arraySum({value:Array(UInt64)})]';
    const numbers = Array.from({ length: 10_000 }, (_each, i) => 1_000_000_000_000n + BigInt(i));
    await expect(valueOf(target.client, query, { query_params: { value: numbers }, ...how })).resolves.toEqual([
      '10000',
      '10000000049995000',
    ]);
  });

  it('takes names', async () => {
    const params = { table: 'one', column: 'dummy' };
    await expect(
      valueOf(target.client, 'SELECT {column:Identifier} FROM system.{table:Identifier}', {
        query_params: params,
        ...how,
      }),
    ).resolves.toBe(0);
  });

  it('refuses a value that is not of the type', async () => {
    await expect(roundTrip('UInt8', 'x')).rejects.toMatchObject({ code: '457' });
    await expect(roundTrip('Array(UInt8)', '[1')).rejects.toMatchObject({ code: expect.any(String) });
  });
});

describe('parameters', () => {
  it('go as multipart by themselves when they are too long for a URL', async () => {
    const value = Array.from({ length: 20_000 }, (_, i) => `key-${i}'\\`);
    const client = target.connect({ use_multipart_params_auto: true });
    await expect(
      valueOf(
        client,
        'SELECT cityHash64({value:Array(String)}) = cityHash64({value:Array(String)}) AND length({value:Array(String)}) = 20000',
        { query_params: { value } },
      ),
    ).resolves.toBe(1);
    await expect(valueOf(client, 'SELECT {value:Array(String)}[20000]', { query_params: { value } })).resolves.toBe(
      "key-19999'\\",
    );
  });

  it('do not change the limit on the length of a statement', async () => {
    const value = 'x'.repeat(400_000);
    const statement = `SELECT length('${'y'.repeat(300_000)}') + length({value:String})`;
    const options = { query_params: { value }, use_multipart_params: true };
    await expect(valueOf(target.client, statement, options)).rejects.toMatchObject({ code: '62' });
    const settings = { max_query_size: '1000000' };
    await expect(valueOf(target.client, statement, { ...options, clickhouse_settings: settings })).resolves.toBe(
      '700000',
    );
  });

  it('that are missing are an error', async () => {
    await expect(valueOf(target.client, 'SELECT {missing:String}')).rejects.toMatchObject({ code: '456' });
  });
});
