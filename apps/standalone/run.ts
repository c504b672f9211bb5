import { once } from 'node:events';
import { NotAcquiredError } from '@holdfast/platform/temporal-server';
import { DirectoryInUseError } from './data-directory';
import { PortInUseError } from './ports';
import { StackError, startStack, type Stack } from './stack';

export interface RunOptions {
  readonly dataDir: string;
  readonly port: number | undefined;
}

/** Ended by Ctrl-C, as shells say it. */
const EXIT_INTERRUPTED = 130;

/**
 * Runs a stack until SIGINT or SIGTERM, and says where it is.
 * @returns the exit code of the process
 */
export async function runStandalone({ dataDir, port }: RunOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const signal = firstSignal(() => say('stopping: API, worker, Temporal, ClickHouse ... (once more: at once)'));
  let stack: Stack;
  try {
    stack = await startStack({ dataDir, port, onProgress: (message) => say(`  ${message}`) });
  } catch (error) {
    say(explain(error));
    return 1;
  }
  process.stdout.write(welcome(stack));
  await signal;
  await stack.stop();
  say('stopped; nothing is lost, start again to go on');
  return 0;
}

/** Resolves at the first SIGINT or SIGTERM; the second ends this process, and with it, a moment later, its children. */
function firstSignal(onFirst: () => void): Promise<void> {
  const first = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(EXIT_INTERRUPTED));
    onFirst();
  });
  return first;
}

/** What a person can do something about, without a stack trace. */
function explain(error: unknown): string {
  const ours = [DirectoryInUseError, PortInUseError, StackError, NotAcquiredError];
  if (ours.some((kind) => error instanceof kind)) return (error as Error).message;
  return error instanceof Error ? `could not start: ${error.message}` : `could not start: ${String(error)}`;
}

function welcome(stack: Stack): string {
  const lines = [
    ['API', stack.url],
    ['OpenAPI page', `${stack.url}/docs`],
    ...(stack.temporalUi === undefined ? [] : [['Temporal UI', stack.temporalUi]]),
    ['key', `${stack.adminKeyFile} (the first administrator's; keep it to yourself)`],
    ['data and logs', stack.dataDir],
  ];
  const rows = lines.map(([name, value]) => `  ${`${name ?? ''}:`.padEnd(15)}${value ?? ''}`);
  return [`Holdfast is ready after ${(stack.startedInMs / 1000).toFixed(1)} s`, ...rows, '  Ctrl-C stops it', ''].join('\n');
}
