import type { Command } from 'commander';
import { defaultDataDirectory } from '../../standalone/data-directory';
import { wholeNumber } from '../context';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start Holdfast on this machine, the same as `npm start`: ClickHouse, Temporal, worker and API')
    .option(
      '--port <port>',
      'port of the API (PORT; default: that of the last start, 3000 at first)',
      wholeNumber(0, 65_535),
    )
    .option('--data <dir>', 'directory for everything', defaultDataDirectory())
    .option('--new-admin-key', 'make another key of the administrator, where the file of the first is gone')
    .action(async (_options: object, command: Command) => {
      const { port, data, newAdminKey, json } = command.optsWithGlobals<{
        port?: number;
        data: string;
        newAdminKey?: true;
        json?: true;
      }>();
      const chosen = port ?? (process.env['PORT'] ? wholeNumber(0, 65_535)(process.env['PORT']) : undefined);
      const { runStandalone } = await import('../../standalone/run.js'); // takes a while to load, and no other command needs it
      process.exit(
        await runStandalone({ dataDir: data, port: chosen, newAdminKey: newAdminKey === true, json: json === true }),
      );
    });
}
