import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { count } from '../../output';
import { check, type SecondScene } from './scene';
import type { Row } from './second-day';

const HEADER = 'order_no,amount,currency';
const csv = (rows: readonly Row[]): string =>
  `${[HEADER, ...rows.map((row) => Object.values(row).join(','))].join('\n')}\n`;

/** Compares what was ordered with the lines of invoices, where they lie: `holdfast diff`, as anybody would run it. */
export async function compareInvoices(scene: SecondScene): Promise<void> {
  const { narrator, day, dataDir, postgresql } = scene;
  const orders = join(dataDir, 'orders.csv');
  writeFileSync(orders, csv(day.tables.orders));
  const put = postgresql === undefined ? intoFile(join(dataDir, 'invoiced.csv')) : await intoTable(postgresql);
  const target = await put(day.tables.invoiced);
  const args = ['diff', orders, target, '-k', 'order_no', '-c', 'amount,currency'];
  narrator.say(`npx holdfast ${args.join(' ')}`);
  const before = await run(args);
  narrator.say(before.stdout.trim());
  narrator.say();
  check(
    scene,
    `the ${day.uninvoiced.length} orders that no invoice names are found where the tables lie`,
    before.code === 1 && day.uninvoiced.every((key) => before.stdout.includes(key)),
  );
  await put(day.tables.orders);
  const after = await run(args);
  narrator.moment(`once they are invoiced: ${count(day.tables.orders.length)} rows, no difference`);
  check(scene, 'once they are invoiced, the tables are the same', after.code === 0);
}

type Put = (rows: readonly Row[]) => Promise<string>;

const intoFile =
  (path: string): Put =>
  async (rows) => {
    writeFileSync(path, csv(rows));
    return path;
  };

/** A table of its own in the database that was given, which goes when the session that made it does. */
async function intoTable(url: string): Promise<Put> {
  const { Client } = await import('pg');
  return async (rows) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('DROP TABLE IF EXISTS holdfast_demo_invoiced');
      await client.query(
        'CREATE TABLE holdfast_demo_invoiced (order_no text PRIMARY KEY, amount numeric(12, 2), currency char(3))',
      );
      await client.query(
        'INSERT INTO holdfast_demo_invoiced SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(order_no text, amount numeric, currency text)',
        [JSON.stringify(rows)],
      );
    } finally {
      await client.end();
    }
    return `${url.replace(/\/$/, '')}/holdfast_demo_invoiced`;
  };
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
}

const run = (args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) =>
    execFile(process.execPath, [process.argv[1]!, ...args], { maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout: stdout || stderr }),
    ),
  );
