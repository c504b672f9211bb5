import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  mysqlClient,
  placesOfStores,
  postgresqlClient,
  startMariadb,
  startPostgresql,
  type StoreServer,
} from '../../libs/platform/testing/store-servers';

let pg: StoreServer;
let maria: StoreServer;
let folder: string;

const PASSWORD = 'p@ss word';
const CLI = join(__dirname, '../../dist/apps/cli/main.js');

beforeAll(async () => {
  const places = placesOfStores();
  [pg, maria] = await Promise.all([startPostgresql(places), startMariadb(places)]);
  folder = mkdtempSync(join(tmpdir(), 'holdfast-diff-'));
  const inPg = await postgresqlClient(pg.port);
  await inPg.query(`
    create schema shop; create table shop.orders (id int primary key, amount numeric(10,2), name text);
    insert into shop.orders values (1, 10, 'one'), (2, 20, E'two\\ttabs \\u001b[31m'), (3, 30, null);
  `);
  await inPg.end();
  const inMaria = await mysqlClient(maria.port);
  await inMaria.query(`
    create database shop; use shop; create table orders (nr int primary key, amount decimal(10,2), name text);
    insert into orders values (1, 10, 'one'), (2, 20.01, 'two'), (4, 40, 'four');
    create user reader identified by '${PASSWORD}'; grant select on shop.* to reader;
  `);
  await inMaria.end();
  writeFileSync(join(folder, 'orders.csv'), 'id,amount,name\n3,30.0,\n1,10,one\n2,20,two\n');
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
}, 120_000);
afterAll(async () => {
  await Promise.all([pg?.stop(), maria?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const diff = (args: readonly string[], env: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'diff', ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
const orders = (): string => `postgresql://postgres@127.0.0.1:${pg.port}/postgres/shop.orders`;
const copied = (): string => `mysql://reader@127.0.0.1:${maria.port}/shop/orders`;
const BY = ['-k', 'id=nr', '-c', 'amount,name'];

describe('holdfast diff', () => {
  it('ends with 0 and says nothing where both are the same', async () => {
    expect(await diff([orders(), orders(), '-k', 'id'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('ends with 1, with lines of both sides, where they differ', async () => {
    const answer = await diff([orders(), copied(), ...BY], { HOLDFAST_DIFF_PASSWORD_TARGET: PASSWORD });
    expect(answer).toMatchObject({ code: 1, stderr: '' });
    expect(answer.stdout.split('\n')).toEqual([
      '@ id\tamount\tname',
      '- 2\t20.00\ttwo\\ttabs \\u001b[31m',
      '+ 2\t20.01\ttwo',
      '- 3\t30.00\tNULL',
      '+ 4\t40.00\tfour',
      '',
    ]);
  });

  it('answers in JSON, with the password from a file', async () => {
    const env = { HOLDFAST_DIFF_PASSWORD_TARGET_FILE: join(folder, 'password') };
    const { stdout, code } = await diff(['--json', orders(), copied(), ...BY, '-w', 'amount < 25'], env);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(code).toBe(1);
    expect(lines[0]).toEqual({
      is: 'changed',
      key: { id: '2' },
      source: { amount: '20.00', name: 'two\ttabs \u001b[31m' },
      target: { amount: '20.01', name: 'two' },
      columns: ['amount', 'name'],
    });
    expect(lines[1]).toMatchObject({ is: 'result', counts: { same: 1, changed: 1, added: 0, removed: 0 } });
  });

  it('reads files, within tolerances, and counts', async () => {
    const file = join(folder, 'orders.csv');
    const { stdout, code } = await diff([orders(), file, '-k', 'id', '--stats']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^same +2$/m);
    expect(stdout).toMatch(/^changed +1$/m);
    expect(stdout).toMatch(/^target +3 rows, file, one file$/m);
    expect((await diff([orders(), file, '-k', 'id', '-c', 'amount'])).code).toBe(0);
    const near = ['-k', 'id=nr', '-c', 'amount', '-t', 'amount=0.01', '-w', 'amount < 25'];
    expect((await diff([orders(), copied(), ...near], { HOLDFAST_DIFF_PASSWORD_TARGET: PASSWORD })).code).toBe(0);
  });

  it('ends with 2 where there is trouble, and echoes no password', async () => {
    const wrong = await diff([orders(), copied(), ...BY], { HOLDFAST_DIFF_PASSWORD_TARGET: 'not the secret' });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('source_refused');
    const inAddress = await diff([orders(), copied().replace('reader@', 'reader:the-secret@'), ...BY]);
    expect(inAddress).toMatchObject({ code: 2, stdout: '' });
    expect(inAddress.stderr).toContain('HOLDFAST_DIFF_PASSWORD_TARGET');
    expect(wrong.stderr + inAddress.stderr).not.toContain('secret');
    for (const args of [
      [orders(), 'nowhere.csv', '-k', 'id'],
      [orders(), 'oracle://host/db/table', '-k', 'id'],
      [orders(), orders(), '-k', 'nr'],
      [orders(), orders(), '-k', 'id', '--limit', '0'],
      [orders(), orders(), '-k', 'id', '-w', 'no such thing'],
      [orders(), orders()],
    ])
      expect([args, await diff(args)]).toEqual([args, expect.objectContaining({ code: 2, stdout: '' })]);
  });
});
