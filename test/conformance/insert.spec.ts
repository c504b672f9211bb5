import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { ClickHouseClient } from '@clickhouse/client';
import { drain, rawRequest, rowsOf, startTarget, valueOf, type Target } from './target';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.stop());

const bytes = (...pieces: (string | Buffer)[]): Readable => Readable.from(pieces, { objectMode: false });
const exec = async (client: ClickHouseClient, query: string, values?: Readable): Promise<void> => {
  const { stream } = await client.exec({ query, ...(values ? { values } : {}) });
  await drain(stream);
};
/** RFC 8878 by hand, since Node 20 has no zstd: one segment with one raw block. */
const zstdFrame = (content: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length, (content.length << 3) | 1, content.length >> 5, 0]),
    content,
  ]);
const A_AND_B = [
  { id: '1', text: "it's" },
  { id: '2', text: 'ü;\n.' },
];

/** Every way to bring the two rows into a table. */
const WAYS: Readonly<Record<string, (table: string) => Promise<unknown>>> = {
  'insert, JSONEachRow array': (table) => target.client.insert({ table, values: A_AND_B, format: 'JSONEachRow' }),
  'insert, JSONCompactEachRow array': (table) =>
    target.client.insert({ table, values: A_AND_B.map(({ id, text }) => [id, text, 0]), format: 'JSONCompactEachRow' }),
  'insert, columns by name': (table) =>
    target.client.insert({
      table,
      columns: ['text', 'id'],
      values: A_AND_B.map(({ id, text }) => [text, id]),
      format: 'JSONCompactEachRow',
    }),
  'insert, columns by exception': (table) =>
    target.client.insert({ table, columns: { except: ['more'] }, values: A_AND_B, format: 'JSONEachRow' }),
  'insert, stream of objects': (table) =>
    target.client.insert({ table, values: Readable.from(A_AND_B), format: 'JSONEachRow' }),
  'insert, stream of CSV': (table) =>
    target.client.insert({ table, values: bytes(`1,"it's",0\n2,"ü;\n.",0\n`), format: 'CSV' }),
  'insert, stream of TabSeparated': (table) =>
    target.client.insert({ table, values: bytes("1\tit\\'s\t0\n", '2\tü;\\n.\t0\n'), format: 'TabSeparated' }),
  'insert, compressed': (table) =>
    target.connect({ compression: { request: true } }).insert({ table, values: A_AND_B, format: 'JSONEachRow' }),
  'insert, brotli': (table) =>
    target
      .connect({ compression: { request: { codec: 'br' } } })
      .insert({ table, values: A_AND_B, format: 'JSONEachRow' }),
  'exec, Native': async (table) => exec(target.client, `INSERT INTO ${table} FORMAT Native`, bytes(await native())),
  'exec, Native in pieces': async (table) =>
    exec(target.client, `INSERT INTO ${table} FORMAT Native`, Readable.from(await native(), { objectMode: false })),
  'exec, Native compressed': async (table) =>
    exec(
      target.connect({ compression: { request: true } }),
      `INSERT INTO ${table} FORMAT Native`,
      bytes(await native()),
    ),
  'exec, rows of VALUES as the body': (table) =>
    exec(
      target.client,
      `INSERT INTO ${table} (id, text) VALUES`,
      bytes("(1, 'it''s'), ", "(1 + 1, concat('ü', ';\\n.'))"),
    ),
  'exec, a table by parameter': async (table) => {
    const query = 'INSERT INTO {table:Identifier} (id, text) FORMAT JSONEachRow';
    const values = bytes(A_AND_B.map((row) => JSON.stringify(row)).join('\n'));
    await drain((await target.client.exec({ query, values, query_params: { table } })).stream);
  },
  'command, VALUES': (table) =>
    target.client.command({ query: `INSERT INTO ${table} (id, text) VALUES (1, 'it''s'), (2, 'ü;\\n.');` }),
  'command, a format on the same line': (table) =>
    target.client.command({
      query: `INSERT INTO ${table} FORMAT JSONEachRow {"id":"1","text":"it's"} {"id":2,"text":"ü;\\n."}`,
    }),
  'command, a format on the next line': (table) =>
    target.client.command({ query: `INSERT INTO ${table} (id, text) FORMAT TabSeparated\n1\tit's\n2\tü;\\n.` }),
  'command, compressed': (table) =>
    target
      .connect({ compression: { request: true } })
      .command({ query: `INSERT INTO ${table} (id, text) FORMAT TabSeparated\n1\tit's\n2\tü;\\n.` }),
  'command, settings before the format': (table) =>
    target.client.command({
      query: `INSERT INTO ${table} (id, text) SETTINGS max_threads = 1 -- one\n VALUES (1, 'it''s'), (2, 'ü;\\n.')`,
    }),
  'command, a comment before the format': (table) =>
    target.client.command({
      query: `INSERT INTO ${table} (id, text) -- not here: ; FORMAT x\n FORMAT TabSeparated\n1\tit's\n2\tü;\\n.`,
    }),
  'command, from a SELECT': (table) =>
    target.client.command({
      query: `INSERT INTO ${table} (id, text) SELECT number + 1, if(number = 0, 'it''s', 'ü;\\n.') FROM numbers(2)`,
    }),
  'command, from a SELECT with a common table expression': (table) =>
    target.client.command({
      query: `INSERT INTO ${table} (id, text) WITH n AS (SELECT arrayJoin([1, 2]) AS id) SELECT id, if(id = 1, 'it''s', 'ü;\\n.') FROM n`,
    }),
  'statement and rows in a compressed body': async (table) => {
    const body = gzipSync(`INSERT INTO ${table} (id, text) FORMAT TabSeparated\n1\tit's\n2\tü;\\n.`);
    const answer = await rawRequest(target, {
      path: `/?database=${target.database}`,
      headers: { 'Content-Encoding': 'gzip' },
      body,
    });
    expect(answer).toMatchObject({ status: 200 });
  },
  'rows compressed by zstd': async (table) => {
    const query = encodeURIComponent(`INSERT INTO ${table} (id, text) FORMAT TabSeparated`);
    const body = zstdFrame(Buffer.from("1\tit's\n2\tü;\\n.\n"));
    const path = `/?database=${target.database}&query=${query}`;
    expect(await rawRequest(target, { path, headers: { 'Content-Encoding': 'zstd' }, body })).toMatchObject({
      status: 200,
    });
  },
  'rows partly in the URL': async (table) => {
    const query = encodeURIComponent(`INSERT INTO ${table} (id, text) FORMAT TabSeparated\n1\tit's`);
    expect(
      await rawRequest(target, { path: `/?database=${target.database}&query=${query}`, body: '2\tü;\\n.\n' }),
    ).toMatchObject({ status: 200 });
  },
};

const createTable = (table: string): Promise<unknown> =>
  target.client.command({
    query: `CREATE TABLE ${table} (id UInt64, text String, more UInt8 DEFAULT 0) ENGINE = MergeTree ORDER BY id`,
  });

async function native(): Promise<Buffer> {
  const query =
    "SELECT toUInt64(number + 1) AS id, if(number = 0, 'it''s', 'ü;\\n.') AS text FROM numbers(2) FORMAT Native";
  return drain((await target.client.exec({ query })).stream);
}

describe('inserting', () => {
  test.each(Object.keys(WAYS))('%s', async (way) => {
    const table = `way_${Object.keys(WAYS).indexOf(way)}`;
    await createTable(table);
    await WAYS[way]!(table);
    await expect(rowsOf(target.client, `SELECT id, text FROM ${table} ORDER BY id`)).resolves.toEqual(A_AND_B);
  });

  it('streams a body that begins with its statement, byte for byte', async () => {
    await target.client.command({ query: 'CREATE TABLE large (n UInt64, s String) ENGINE = MergeTree ORDER BY n' });
    const { stream } = await target.client.exec({
      query: "SELECT number AS n, repeat('\\0\\xff', 20) AS s FROM numbers(20000) FORMAT Native",
    });
    const body = Buffer.concat([Buffer.from('INSERT INTO large FORMAT Native\n'), await drain(stream)]);
    expect(body.length).toBeGreaterThan(500_000);
    await expect(rawRequest(target, { path: `/?database=${target.database}`, body })).resolves.toMatchObject({
      status: 200,
    });
    const check = "SELECT count() AS rows, sum(n) AS sum, countIf(s != repeat('\\0\\xff', 20)) AS damaged FROM large";
    await expect(rowsOf(target.client, check)).resolves.toEqual([{ rows: '20000', sum: '199990000', damaged: '0' }]);
  });

  it('counts the rows written', async () => {
    await createTable('counted');
    const { summary } = await target.client.insert({ table: 'counted', values: A_AND_B, format: 'JSONEachRow' });
    expect(summary).toMatchObject({ written_rows: '2' });
  });

  it('refuses rows that do not fit, and stores none of them', async () => {
    await createTable('refused');
    const values = [...A_AND_B, { id: 'three', text: '' }];
    await expect(target.client.insert({ table: 'refused', values, format: 'JSONEachRow' })).rejects.toMatchObject({
      code: '27',
    });
    const settings = { input_format_skip_unknown_fields: 0 } as const;
    const unknown = {
      table: 'refused',
      values: [{ id: 1, other: 1 }],
      format: 'JSONEachRow',
      clickhouse_settings: settings,
    } as const;
    await expect(target.client.insert(unknown)).rejects.toMatchObject({ code: '117' });
    await expect(target.client.insert({ ...unknown, table: 'nowhere' })).rejects.toMatchObject({ code: '60' });
    await expect(valueOf(target.client, 'SELECT count() FROM refused')).resolves.toBe('0');
  });

  it('refuses a compressed body that was cut off, and stores nothing', async () => {
    await createTable('cut');
    const whole = gzipSync(
      Array.from({ length: 5000 }, (_, id) => JSON.stringify({ id, text: `${id * 7919}` })).join('\n'),
    );
    const query = encodeURIComponent('INSERT INTO cut FORMAT JSONEachRow');
    const path = `/?database=${target.database}&query=${query}`;
    const headers = { 'Content-Encoding': 'gzip' };
    const answer = await rawRequest(target, { path, headers, body: whole.subarray(0, whole.length - 100) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await expect(valueOf(target.client, 'SELECT count() FROM cut')).resolves.toBe('0');
  });

  it('drops a repeated block by its token, and keeps the same rows under another', async () => {
    await target.client.command({
      query:
        'CREATE TABLE tokens (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
    });
    const insert = (id: number, token: string): Promise<unknown> =>
      target.client.insert({
        table: 'tokens',
        values: [{ id }],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: token },
      });
    const ids = async (): Promise<unknown[]> =>
      (await rowsOf(target.client, 'SELECT id FROM tokens ORDER BY id')).map(({ id }) => id);
    await insert(1, 'first');
    await insert(1, 'first');
    await expect(ids()).resolves.toEqual(['1']);
    await insert(1, 'second');
    await expect(ids()).resolves.toEqual(['1', '1']);
    await insert(2, 'first'); // a token stands for its rows, whatever they are
    await expect(ids()).resolves.toEqual(['1', '1']);
  });
});

describe('an insert that reads its rows by input()', () => {
  it('runs the query over them, with parameters and settings, in a format of bytes too', async () => {
    await target.client.command({
      query: 'CREATE TABLE sums (name String, total UInt64) ENGINE = MergeTree ORDER BY name',
    });
    const { stream } = await target.client.exec({ query: 'SELECT number AS n FROM numbers(1000) FORMAT Parquet' });
    const parquet = await drain(stream);
    const insert = async (query: string, values: Readable): Promise<void> => {
      const answer = await target.client.exec({ query, values, query_params: { name: 'all' } });
      await drain(answer.stream);
    };
    const from = "FROM (SELECT n FROM input('n UInt64') WHERE n < 100)";
    await insert(
      `INSERT INTO sums SELECT {name:String}, sum(n) ${from} SETTINGS max_threads = 1 FORMAT Parquet`,
      bytes(parquet),
    );
    await insert("INSERT INTO sums SELECT 'text', sum(n) FROM input('n UInt64') FORMAT TSV", bytes('1\n2\n'));
    expect(await rowsOf(target.client, 'SELECT name, toUInt32(total) AS total FROM sums ORDER BY name')).toEqual([
      { name: 'all', total: 4950 },
      { name: 'text', total: 3 },
    ]);
    await expect(
      insert(
        "INSERT INTO sums SELECT 'broken', sum(n) FROM input('n UInt64') FORMAT Parquet",
        bytes('PAR1 is not enough'),
      ),
    ).rejects.toThrow();
    expect(await valueOf(target.client, 'SELECT count() FROM sums')).toBe('2');
  });
});
