import type { Command } from 'commander';
import { wholeNumber } from '../context';
import { UsageError } from '../exit';
import { FEWEST_ORDERS } from '../demo/generator/faults';

interface Flags {
  readonly orders?: number;
  readonly seed: number;
  readonly capture?: true;
  readonly day?: 1 | 2;
  readonly onCall?: true;
  readonly retention?: true;
  readonly postgresql?: string;
  readonly crash?: true;
  readonly keep?: true;
  readonly data?: string;
  readonly json?: true;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the main job on a stack of its own: a day with planted faults, its verdict, the page, the healing')
    .option('--capture', 'another play: a dirty day in five formats, counted to the last record, repaired by a steward')
    .option(
      '--day <n>',
      '2: split orders, invoices and a late file, resolved by rules; the gate of the report',
      wholeNumber(1, 2),
    )
    .option(
      '--on-call',
      'a night on call: flapping, maintenance, lost orders, a sleeper, a shift change, a chat that is down',
    )
    .option(
      '--retention',
      "a year's records: a plan, a hold before the purge, the certificate, the archive, an altered row",
    )
    .option('--postgresql <url>', 'with --day 2: a database for the invoices (default: files)')
    .option(
      '--orders <n>',
      'orders of the day (200000; with --capture and --day 2 500)',
      wholeNumber(FEWEST_ORDERS, 50_000_000),
    )
    .option('--seed <n>', 'which day', wholeNumber(0), 1)
    .option('--crash', 'kill -9 worker, API, Temporal and ClickHouse at moments that the seed decides')
    .option('--keep', 'leave everything running until Ctrl-C, and its directory in place')
    .option('--data <dir>', 'an empty directory to use, which is kept (default: a temporary one)')
    .addHelpText(
      'after',
      `
People are paged through an emulator of PagerDuty. With HOLDFAST_PAGERDUTY_ROUTING_KEYS=level-1=...,level-2=... the real
PagerDuty is paged instead; the demo then acknowledges through the API.`,
    )
    .action(async (_flags: object, command: Command) => {
      const {
        capture,
        onCall,
        retention,
        day = 1,
        postgresql,
        orders = capture || day === 2 ? 500 : 200_000,
        seed,
        crash,
        keep,
        data,
        json,
      } = command.optsWithGlobals<Flags>();
      const plays = [capture, day === 2, onCall, retention].filter((one) => one === true).length;
      if (crash && plays > 0) throw new UsageError('--crash is of the main job: leave the other plays out');
      if (plays > 1) throw new UsageError('--capture, --day 2, --on-call and --retention are plays of their own');
      const { runDemo } = await import('../demo/run.js'); // takes a while to load, and no other command needs it
      const options = { orders, seed, crash: crash === true, keep: keep === true, data, json: json === true };
      if (onCall) {
        const { runNight } = await import('../demo/night/run.js');
        process.exit(await runNight(options));
      }
      if (retention) {
        const { runRetentionDemo } = await import('../demo/retention/run.js');
        process.exit(await runRetentionDemo(options));
      }
      if (day === 2) {
        const { runSecondDay } = await import('../demo/second-day/run.js');
        process.exit(await runSecondDay({ ...options, postgresql }));
      }
      if (!capture) process.exit(await runDemo(options));
      const { runCapture } = await import('../demo/capture/run.js');
      process.exit(await runCapture(options));
    });
}
