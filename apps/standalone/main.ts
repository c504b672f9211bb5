import { parseArgs } from 'node:util';
import { defaultDataDirectory } from './data-directory';
import { runStandalone, type RunOptions } from './run';

const USAGE = `usage: npm start -- [--port N] [--data DIR] [--new-admin-key]
  --port N    port of the API (or the variable PORT); default: that of the last start, 3000 at first
  --data DIR  directory for everything; default: $XDG_DATA_HOME/holdfast, which is ~/.local/share/holdfast when unset
  --new-admin-key  makes another key of the administrator, where the file of the first is gone`;
const EXIT_USAGE = 2;

function readOptions(argv: readonly string[]): RunOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      'new-admin-key': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  return {
    dataDir: values.data ?? defaultDataDirectory(),
    port: portOf(values.port ?? process.env['PORT']),
    newAdminKey: values['new-admin-key'],
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new RangeError('--port must be a number from 0 to 65535');
  return port;
}

async function main(): Promise<void> {
  let options: RunOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(EXIT_USAGE);
  }
  if (!options) process.stdout.write(`${USAGE}\n`);
  else process.exit(await runStandalone(options));
}

void main();
