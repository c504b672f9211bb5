import { gunzipSync } from 'node:zlib';
import { drain, rawRequest, rowsOf, startTarget, valueOf, type Target } from './target';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
  await target.client.command({ query: 'CREATE TABLE two (id UInt64, text String) ENGINE = MergeTree ORDER BY id' });
  await target.client.command({ query: "INSERT INTO two VALUES (1, 'a\tb'), (18446744073709551615, 'ü')" });
});
afterAll(() => target.stop());

const TWO = 'SELECT id, text FROM two ORDER BY id';
const text = async (query: string, format: 'TabSeparated' | 'CSV' | 'JSON' | 'JSONCompact'): Promise<string> =>
  (await target.client.query({ query, format })).text();
const execText = async (query: string): Promise<string> =>
  (await drain((await target.client.exec({ query })).stream)).toString('utf8');
const path = (query: string, more = ''): string =>
  `/?database=${target.database}&query=${encodeURIComponent(query)}${more}`;

describe('reading', () => {
  it('answers in the format asked for', async () => {
    await expect(text(TWO, 'TabSeparated')).resolves.toBe('1\ta\\tb\n18446744073709551615\tü\n');
    await expect(text(TWO, 'CSV')).resolves.toBe('1,"a\tb"\n18446744073709551615,"ü"\n');
    expect(JSON.parse(await text('SELECT 1 AS one', 'JSON'))).toMatchObject({
      meta: [{ name: 'one' }],
      data: [{ one: 1 }],
      rows: 1,
    });
    expect(JSON.parse(await text('SELECT 1 AS one', 'JSONCompact'))).toMatchObject({ data: [[1]] });
  });

  it('quotes whole numbers of 64 bits when told to, and only then', async () => {
    const read = (quote: 0 | 1): Promise<string> =>
      target.client
        .query({
          query: 'SELECT max(id) AS id FROM two',
          format: 'JSONEachRow',
          clickhouse_settings: { output_format_json_quote_64bit_integers: quote },
        })
        .then((result) => result.text());
    await expect(read(1)).resolves.toBe('{"id":"18446744073709551615"}\n');
    await expect(read(0)).resolves.toBe('{"id":18446744073709551615}\n');
  });

  it('answers in Native what goes into a table of the same columns', async () => {
    const { stream, response_headers } = await target.client.exec({ query: `${TWO} FORMAT Native` });
    expect(response_headers['x-clickhouse-format']).toBe('Native');
    await target.client.command({ query: 'CREATE TABLE copy AS two' });
    await drain((await target.client.exec({ query: 'INSERT INTO copy FORMAT Native', values: stream })).stream);
    await expect(rowsOf(target.client, 'SELECT * FROM copy ORDER BY id')).resolves.toEqual(
      await rowsOf(target.client, TWO),
    );
  });

  it('streams many rows', async () => {
    const result = await target.client.query({
      query: 'SELECT number AS n FROM numbers(300000)',
      format: 'JSONEachRow',
    });
    let [rows, sum] = [0, 0];
    for await (const batch of result.stream()) {
      for (const row of batch) {
        rows++;
        sum += Number(row.json<{ n: string }>().n);
      }
    }
    expect([rows, sum]).toEqual([300_000, 44_999_850_000]);
  });

  test.each([
    ['WITH 7 AS x SELECT x', '7\n'],
    ['(SELECT 1) UNION ALL (SELECT 1)', '1\n1\n'],
    ['FROM numbers(1) SELECT number', '0\n'],
    ['SELECT 1 SETTINGS max_threads = 1', '1\n'],
    ['SELECT 1 AS format', '1\n'],
    ['SELECT 1 FORMAT CSV SETTINGS max_threads = 1', '1\n'],
    ["SELECT ';' -- a comment; with a semicolon", ';\n'],
    ['SELECT 1 /* ; */ ; -- the end', '1\n'],
    ['SELECT $tag$a;b$tag$', 'a;b\n'],
    ['SELECT 1 WHERE 0', ''],
    ['EXISTS TABLE two', '1\n'],
    ["SHOW TABLES LIKE 'two'", 'two\n'],
    [
      "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'two' ORDER BY position",
      'id\ntext\n',
    ],
  ])('runs %s', async (query, expected) => {
    await expect(execText(query)).resolves.toBe(expected);
  });

  it('describes and explains', async () => {
    await expect(execText('DESCRIBE TABLE two')).resolves.toMatch(/^id\tUInt64\t/);
    await expect(execText('EXPLAIN SELECT 1')).resolves.not.toBe('');
    await expect(execText('EXPLAIN AST SELECT 1')).resolves.toContain('SelectQuery');
    await expect(execText('SHOW CREATE TABLE two')).resolves.toContain('CREATE TABLE');
  });

  it('takes a statement from the URL of a GET, the body of a POST, or both', async () => {
    await expect(rawRequest(target, { method: 'GET', path: path('SELECT 1') })).resolves.toMatchObject({
      status: 200,
      body: '1\n',
    });
    await expect(rawRequest(target, { body: 'SELECT 2' })).resolves.toMatchObject({ status: 200, body: '2\n' });
    await expect(rawRequest(target, { path: path('SELECT 3'), body: '+ 4' })).resolves.toMatchObject({
      status: 200,
      body: '7\n',
    });
  });

  it('changes nothing on a GET', async () => {
    const answer = await rawRequest(target, {
      method: 'GET',
      path: path('CREATE TABLE by_get (a UInt8) ENGINE = Memory'),
    });
    expect([answer.headers['x-clickhouse-exception-code'], answer.status >= 400]).toEqual(['164', true]);
  });

  it('uses the default format of the request', async () => {
    await expect(rawRequest(target, { path: '/?default_format=CSV', body: "SELECT 'x'" })).resolves.toMatchObject({
      body: '"x"\n',
    });
    await expect(
      rawRequest(target, { headers: { 'X-ClickHouse-Format': 'JSONEachRow' }, body: 'SELECT 1 AS a' }),
    ).resolves.toMatchObject({ body: '{"a":1}\n' });
  });

  it('names the query, the format and the type of the answer', async () => {
    const { headers } = await rawRequest(target, { path: path('SELECT 1 FORMAT JSON', '&query_id=named-1') });
    expect(headers).toMatchObject({
      'x-clickhouse-query-id': 'named-1',
      'x-clickhouse-format': 'JSON',
      'x-clickhouse-timezone': expect.any(String),
    });
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  it('compresses the answer when asked to', async () => {
    const client = target.connect({ compression: { response: true } });
    const result = await client.query({ query: 'SELECT number AS n FROM numbers(100000)', format: 'JSONEachRow' });
    expect(result.response_headers['content-encoding']).toBe('gzip');
    await expect(result.json()).resolves.toHaveLength(100_000);
    const { stream, response_headers } = await client.exec({
      query: "SELECT repeat('x', 5000)",
      decompress_response_stream: false,
    });
    expect(response_headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(await drain(stream)).toString('utf8')).toBe(`${'x'.repeat(5000)}\n`);
  });

  it('waits for the end of the query when asked to', async () => {
    const { headers, body } = await rawRequest(target, {
      path: path('SELECT number FROM numbers(100000)', '&wait_end_of_query=1'),
    });
    expect(body.split('\n')).toHaveLength(100_001);
    expect(JSON.parse(String(headers['x-clickhouse-summary']))).toMatchObject({ read_rows: '100000' });
    const failing = path(
      'SELECT throwIf(number = 500000) FROM numbers(1000000) SETTINGS max_block_size = 1000',
      '&wait_end_of_query=1',
    );
    const answer = await rawRequest(target, { path: failing });
    expect([answer.status >= 400, answer.headers['x-clickhouse-exception-code']]).toEqual([true, '395']);
    expect(answer.body).toMatch(/^Code: 395\. DB::Exception: /);
  });

  it('reads another database', async () => {
    await expect(
      valueOf(target.connect({ database: 'system' }), 'SELECT name FROM one, databases WHERE name = currentDatabase()'),
    ).resolves.toBe('system');
    await expect(valueOf(target.connect({ database: 'nowhere' }), 'SELECT 1')).rejects.toMatchObject({ code: '81' });
  });
});
