import fc from 'fast-check';
import { drain, rawRequest, rowsOf, startTarget, valueOf, describeEmbedded, type Target } from './target';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.stop());

/** Fails after so many rows that the answer has begun. */
const FAILS_MIDWAY =
  'SELECT number, throwIf(number = 150000) FROM numbers(200000) SETTINGS max_block_size = 1000, max_threads = 1';

describe('errors', () => {
  test.each([
    ['a syntax error', 'SELECT 1 +', '62', 400],
    ['an unknown table', 'SELECT * FROM nowhere', '60', 404],
    ['an unknown function', 'SELECT noSuchFunction(1)', '46', 404],
    ['an unknown column', 'SELECT nothing', '47', 404],
    ['an error at run time', 'SELECT throwIf(1)', '395', 500],
    ['an empty statement', ' ', '62', 400],
    ['too long a run', 'SELECT count() FROM system.numbers SETTINGS max_execution_time = 0.2', '159', undefined],
    [
      'too much memory',
      'SELECT groupArray(number) FROM numbers(100000000) SETTINGS max_memory_usage = 10000000',
      '241',
      500,
    ],
  ])('tell of %s', async (_, body, code, status) => {
    const answer = await rawRequest(target, { body });
    expect(answer.headers['x-clickhouse-exception-code']).toBe(code);
    expect(answer.body).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\)`, 's'));
    if (status !== undefined) expect(answer.status).toBe(status);
    else expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it('tell of an unknown setting', async () => {
    await expect(
      valueOf(target.client, 'SELECT 1', { clickhouse_settings: { no_such_setting: 1 } }),
    ).rejects.toMatchObject({ code: '115' });
  });

  it('midway reach a client that reads rows, and leave nothing for the next request', async () => {
    const client = target.connect({ max_open_connections: 1 });
    const codes = new Set<unknown>();
    for (let round = 0; round < 5; round++) {
      const result = await client.query({ query: FAILS_MIDWAY, format: 'JSONEachRow' });
      let rows = 0;
      const reading = (async () => {
        for await (const batch of result.stream()) rows += batch.length;
      })();
      const error = await reading.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      codes.add((error as { code?: unknown }).code);
      expect(rows).toBeGreaterThan(0);
      await expect(rowsOf(client, 'SELECT 42 AS answer')).resolves.toEqual([{ answer: 42 }]);
    }
    // Not in every round: the client cannot read the code when what it reads is cut inside of it.
    expect(codes).toContain('395');
  });

  it('midway reach a client that reads compressed rows', async () => {
    const client = target.connect({ compression: { response: true } });
    const result = await client.query({ query: FAILS_MIDWAY, format: 'JSONEachRow' });
    await expect(result.json()).rejects.toThrow();
  });

  it('midway stand at the end of the answer, between markers and with their length', async () => {
    const { stream, response_headers } = await target.client.exec({ query: `${FAILS_MIDWAY} FORMAT TabSeparated` });
    const tag = String(response_headers['x-clickhouse-exception-tag']);
    const pieces: Buffer[] = [];
    await (async () => {
      for await (const piece of stream) pieces.push(piece as Buffer);
    })().catch(() => undefined);
    const tail = Buffer.concat(pieces).toString('utf8').slice(-2000);
    const found = new RegExp(
      `\\r\\n__exception__\\r\\n${tag}\\r\\n(.*\\n)(\\d+) ${tag}\\r\\n__exception__\\r\\n$`,
      's',
    ).exec(tail);
    expect(found?.[1]).toMatch(/^Code: 395\. DB::Exception: /);
    expect(Number(found?.[2])).toBe(Buffer.byteLength(found?.[1] ?? ''));
  });

  test.each([
    'SELECT 1; SELECT 2',
    'SELECT 1;;SELECT 2',
    'SELECT 1 -- x\n; DROP TABLE kept',
    'SELECT $a$;$a$ ; DROP TABLE kept',
    "SELECT ‘'’; DROP TABLE kept; --'",
    "SELECT 1 // '\n; DROP TABLE kept //'",
    'SELECT 1 AS a$b$ ; DROP TABLE kept; SELECT 2 AS x$b$',
    'INSERT INTO kept VALUES (2); DROP TABLE kept',
    "INSERT INTO kept VALUES (2); SELECT ';'",
    'INSERT INTO kept SELECT 2; DROP TABLE kept',
    "/* /* */ ' */ SELECT 1; DROP TABLE kept --'",
    'CREATE TABLE other (a UInt8) ENGINE = Memory; DROP TABLE kept',
  ])('refuse %p, and run none of it', async (query) => {
    await target.client.command({ query: 'CREATE TABLE IF NOT EXISTS kept (a UInt8) ENGINE = MergeTree ORDER BY a' });
    await expect(target.client.command({ query })).rejects.toMatchObject({ code: '62' });
    await expect(valueOf(target.client, 'SELECT count() FROM kept')).resolves.toBe('0');
    await expect(
      valueOf(target.client, "SELECT count() FROM system.tables WHERE name = 'other' AND database = currentDatabase()"),
    ).resolves.toBe('0');
  });

  it('refuse a second statement however it is hidden', async () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '`',
      '‘',
      '’',
      '“',
      '”',
      '--',
      '//',
      '#',
      '# ',
      '/*',
      '*/',
      '$',
      '$a$',
      'a$a$',
      '\\',
      '\n',
      ' ',
      ';',
      'a',
      '1',
      '(',
      ')',
    );
    const noise = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(noise, noise, async (before, after) => {
        const query = `SELECT 1 ${before}; CREATE TABLE hidden (a UInt8) ENGINE = Memory ${after}`;
        await rawRequest(target, { path: `/?database=${target.database}`, body: query });
        await expect(rowsOf(target.client, 'EXISTS TABLE hidden')).resolves.toEqual([{ result: 0 }]);
      }),
      { numRuns: 200 },
    );
  });

  it('refuse to write or read files of the machine', async () => {
    await expect(valueOf(target.client, "SELECT 1 INTO OUTFILE '/tmp/x'")).rejects.toThrow();
    await target.client.command({ query: 'CREATE TABLE infile (a String) ENGINE = Memory' });
    await expect(
      target.client.command({ query: "INSERT INTO infile FROM INFILE '/etc/hostname' FORMAT TabSeparated" }),
    ).rejects.toThrow();
    await expect(valueOf(target.client, 'SELECT count() FROM infile')).resolves.toBe('0');
  });
});

describe('settings', () => {
  const setting = (name: string, options: Parameters<typeof valueOf>[2] = {}): Promise<unknown> =>
    valueOf(target.client, `SELECT getSetting('${name}')`, options);

  it('hold for their request only', async () => {
    const untouched = await setting('max_block_size');
    await expect(setting('max_block_size', { clickhouse_settings: { max_block_size: '1234' } })).resolves.toBe(1234);
    await expect(setting('max_block_size')).resolves.toBe(untouched);
    await expect(valueOf(target.client, 'SELECT {p:String}', { query_params: { p: 'x' } })).resolves.toBe('x');
    await expect(valueOf(target.client, 'SELECT {p:String}')).rejects.toMatchObject({ code: '456' });
    await target.client.command({ query: 'SET max_block_size = 4321' });
    await expect(setting('max_block_size')).resolves.toBe(untouched);
  });

  it('do not mix between requests that run together', async () => {
    const asked = Array.from({ length: 60 }, (_, i) => `comment '${i}' \\`);
    const answers = await Promise.all(
      asked.map((log_comment) => setting('log_comment', { clickhouse_settings: { log_comment } })),
    );
    expect(answers).toEqual(asked);
  });

  it('make a request read-only, after all the others', async () => {
    const options = { clickhouse_settings: { readonly: '1', max_block_size: '1000' } as const };
    await expect(setting('max_block_size', options)).resolves.toBe(1000);
    await expect(
      target.client.command({ query: 'CREATE TABLE never (a UInt8) ENGINE = Memory', ...options }),
    ).rejects.toMatchObject({ code: '164' });
    await target.client.command({ query: 'CREATE TABLE now (a UInt8) ENGINE = Memory' });
  });
});

describe('clients', () => {
  it('eight at once get their own answers', async () => {
    await target.client.command({
      query: 'CREATE TABLE shared (client UInt8, n UInt32) ENGINE = MergeTree ORDER BY (client, n)',
    });
    await Promise.all(
      Array.from({ length: 8 }, async (_, me) => {
        const client = target.connect({ max_open_connections: 2 });
        for (let round = 0; round < 5; round++) {
          const values = Array.from({ length: 20 }, (_each, i) => ({ client: me, n: round * 20 + i }));
          await client.insert({ table: 'shared', values, format: 'JSONEachRow' });
          const [mine, many, broken] = await Promise.all([
            rowsOf(
              client,
              'SELECT groupUniqArray(client) AS clients, count() AS rows FROM shared WHERE client = {me:UInt8}',
              { query_params: { me } },
            ),
            client
              .query({ query: `SELECT ${me} AS me FROM numbers(10000)`, format: 'JSONEachRow' })
              .then((result) => result.json<{ me: number }>()),
            rowsOf(client, `SELECT throwIf(1, 'client ${me}')`).then(String, String),
          ]);
          expect(mine).toEqual([{ clients: [me], rows: String((round + 1) * 20) }]);
          expect([many.length, new Set(many.map((row) => row.me))]).toEqual([10_000, new Set([me])]);
          expect(broken).toContain(`client ${me}`);
        }
      }),
    );
    await expect(valueOf(target.client, 'SELECT count() FROM shared')).resolves.toBe('800');
  });

  const attempt = async (
    password: string | undefined,
    headers: Record<string, string> = {},
  ): Promise<[number, unknown]> => {
    const { status, headers: given } = await rawRequest(
      { url: target.url, ...(password === undefined ? {} : { user: target.user, password }) },
      { path: `/?database=${target.database}`, headers, body: 'CREATE TABLE by_stranger (a UInt8) ENGINE = Memory' },
    );
    return [status, given['x-clickhouse-exception-code']];
  };
  const basic = (user: string, password: string): Record<string, string> => ({
    Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });

  it('with a wrong password are refused, and run nothing', async () => {
    await expect(attempt(`${target.password}x`)).resolves.toEqual([403, '516']);
    await expect(attempt('x')).resolves.toEqual([403, '516']);
    await expect(attempt(undefined, basic(target.user, 'wrong'))).resolves.toEqual([403, '516']);
    await expect(attempt(undefined, basic('nobody', target.password))).resolves.toEqual([403, '516']);
    await expect(valueOf(target.connect({ password: 'wrong' }), 'SELECT 1')).rejects.toMatchObject({ code: '516' });
    await expect(valueOf(target.client, "SELECT count() FROM system.tables WHERE name = 'by_stranger'")).resolves.toBe(
      '0',
    );
  });

  it('may send the password in either form', async () => {
    const ask = (headers: Record<string, string>, password?: string): Promise<unknown> =>
      rawRequest(
        { url: target.url, ...(password === undefined ? {} : { user: target.user, password }) },
        { headers, body: 'SELECT 1' },
      );
    await expect(ask({}, target.password)).resolves.toMatchObject({ status: 200, body: '1\n' });
    await expect(ask(basic(target.user, target.password))).resolves.toMatchObject({ status: 200, body: '1\n' });
  });

  it('need no password for a ping', async () => {
    await expect(rawRequest({ url: target.url }, { method: 'GET', path: '/ping' })).resolves.toMatchObject({
      status: 200,
      body: 'Ok.\n',
    });
  });

  describeEmbedded('of the embedded process', () => {
    it('without a password are refused, and run nothing', async () => {
      await expect(attempt(undefined)).resolves.toEqual([401, '516']);
      await expect(attempt('')).resolves.toEqual([403, '516']);
      await expect(attempt(undefined, { Authorization: 'Bearer x' })).resolves.toEqual([403, '516']);
      await expect(
        rawRequest({ url: target.url }, { path: `/?user=default&password=${target.password}`, body: 'SELECT 1' }),
      ).resolves.toMatchObject({ status: 401 });
      await expect(
        valueOf(target.client, "SELECT count() FROM system.tables WHERE name = 'by_stranger'"),
      ).resolves.toBe('0');
    });

    it('that make no sense are told so, and the process goes on', async () => {
      for (const path of [
        '//',
        '/%',
        '/?query=%',
        '/?a%00b=1&query=SELECT+1',
        '/?default_format=CSV%0aSETTINGS&query=SELECT+1',
        '/?session_id=a&query=SELECT+1',
        '/?compress=1&query=SELECT+1',
      ]) {
        const { status } = await rawRequest(target, { path });
        expect([path, status >= 400 && status < 600]).toEqual([path, true]);
      }
      const multipart = { 'Content-Type': 'multipart/form-data' };
      await expect(rawRequest(target, { headers: multipart, body: 'x' })).resolves.toMatchObject({ status: 400 });
      await expect(rawRequest(target, { method: 'DELETE' })).resolves.toMatchObject({ status: 501 });
      await expect(
        rawRequest(target, { headers: { 'Content-Encoding': 'gzip' }, body: 'SELECT 1' }),
      ).resolves.toMatchObject({ status: 400 });
      await expect(
        rawRequest(target, { headers: { 'Content-Encoding': 'odd' }, body: 'SELECT 1' }),
      ).resolves.toMatchObject({ status: 501 });
      await expect(rawRequest(target, { body: 'SELECT 1' })).resolves.toMatchObject({ status: 200, body: '1\n' });
    });

    it('are not left with half an answer that looks whole, in any format', async () => {
      const { stream } = await target.client.exec({ query: `${FAILS_MIDWAY} FORMAT TabSeparated` });
      await expect(drain(stream)).rejects.toThrow();
    });

    it('learn no path of the machine from an error', async () => {
      await target.client.command({ query: 'CREATE TABLE paths (a UInt8) ENGINE = Memory' });
      const error = await target.client
        .insert({ table: 'paths', values: [{ a: 'x' }], format: 'JSONEachRow' })
        .then(String, String);
      expect(error).toMatch(/parse/);
      expect(error).not.toMatch(/holdfast|bodies|\/dev\/shm/);
    });
  });
});
