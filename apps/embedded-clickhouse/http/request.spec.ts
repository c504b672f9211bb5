import type { IncomingMessage } from 'node:http';
import { readOptions, setStatements, targetOf } from './request';

const ask = (url: string, method = 'POST', headers: Record<string, string> = {}): IncomingMessage =>
  ({ url, method, headers }) as unknown as IncomingMessage;
const options = (url: string, method?: string, headers?: Record<string, string>): ReturnType<typeof readOptions> => {
  const req = ask(url, method, headers);
  return readOptions(req, targetOf(req).fields);
};

describe('the options of a request', () => {
  it('are what is not addressed to HTTP: settings and parameters, read-only last', () => {
    const { settings } = options(
      '/?query=x&readonly=1&wait_end_of_query=1&param_p=a&max_threads=2&query_id=q&max_threads=3',
    );
    expect(settings).toEqual([
      ['param_p', 'a'],
      ['max_threads', '3'],
      ['readonly', '1'],
    ]);
  });

  it('of a GET are read-only, unless it says how', () => {
    expect(options('/?query=x', 'GET').settings).toEqual([['readonly', '2']]);
    expect(options('/?query=x&readonly=1', 'GET').settings).toEqual([['readonly', '1']]);
    expect(options('/?query=x').settings).toEqual([]);
  });

  it('may stand in headers', () => {
    expect(options('/', 'POST', { 'x-clickhouse-database': 'd', 'x-clickhouse-format': 'CSV' })).toMatchObject({
      database: 'd',
      defaultFormat: 'CSV',
    });
  });

  it('that would become part of a statement are refused unless they are names', () => {
    for (const url of ['/?default_format=CSV%0aSETTINGS', '/?a%20b=1', '/?a%3D1,b=2', '/?%27=1']) {
      expect(() => options(url)).toThrow(/^Code: (36|73)\./);
    }
  });

  it('that ask for what there is not are refused', () => {
    for (const url of ['/?session_id=s', '/?compress=1', '/?decompress=1'])
      expect(() => options(url)).toThrow(/NOT_IMPLEMENTED/);
  });
});

describe('the address of a request', () => {
  test.each([
    ['//', '//', ''],
    ['/%', '/%', ''],
    ['/?query=a?b', '/', 'a?b'],
    ['', '', ''],
  ])('%p is read whatever it is', (url, path, query) => {
    const target = targetOf(ask(url));
    expect([target.path, target.fields.get('query') ?? '']).toEqual([path, query]);
  });
});

describe('statements that set', () => {
  it('escape what they set', () => {
    expect(setStatements([['param_p', "it's \\ \0"]])).toEqual(["SET param_p='it\\'s \\\\ \\0'"]);
    expect(setStatements([])).toEqual([]);
  });

  it('make room for long parameters, and for them only', () => {
    const long = 'x'.repeat(200_000);
    expect(
      setStatements([
        ['max_query_size', '100'],
        ['param_p', long],
      ]),
    ).toEqual([
      expect.stringMatching(/^SET max_query_size=\d{6,}$/),
      `SET param_p='${long}'`,
      'SET max_query_size=DEFAULT',
      "SET max_query_size='100'",
    ]);
  });
});
