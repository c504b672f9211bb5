import type { Command } from 'commander';
import { defaultDataDirectory } from '../../standalone/data-directory';
import { runStandalone } from '../../standalone/run';
import { wholeNumber } from '../context';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start Holdfast on this machine, the same as `npm start`: ClickHouse, Temporal, worker and API')
    .option('--port <port>', 'port of the API (PORT; default: that of the last start, 3000 at first)', wholeNumber(0, 65_535))
    .option('--data <dir>', 'directory for everything', defaultDataDirectory())
    .action(async ({ port, data }: { port?: number; data: string }) => {
      const chosen = port ?? (process.env['PORT'] ? wholeNumber(0, 65_535)(process.env['PORT']) : undefined);
      process.exit(await runStandalone({ dataDir: data, port: chosen }));
    });
}
