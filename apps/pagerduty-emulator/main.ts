import { parseArgs } from 'node:util';
import { startPagerDutyEmulator } from '@holdfast/platform/pagerduty-emulator';

const USAGE =
  'usage: pagerduty-emulator [--port N] [--webhook-url URL --webhook-secret SECRET] [--delay-ms N] [--state-file FILE]';

/** @throws TypeError on an unknown flag, RangeError when a number is none */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'webhook-url': { type: 'string' },
      'webhook-secret': { type: 'string' },
      'delay-ms': { type: 'string' },
      'state-file': { type: 'string' },
    },
  });
  const url = values['webhook-url'];
  const secret = values['webhook-secret'];
  if ((url === undefined) !== (secret === undefined)) {
    throw new TypeError('--webhook-url and --webhook-secret go together');
  }
  const emulator = await startPagerDutyEmulator({
    port: wholeNumber(values.port, 0),
    processingDelayMs: wholeNumber(values['delay-ms'], 5),
    ...(url !== undefined && secret !== undefined ? { webhook: { url, secret } } : {}),
    ...(values['state-file'] === undefined ? {} : { stateFile: values['state-file'] }),
  });
  const stop = (): void => void emulator.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
  if (process.send) process.send({ ready: true, port: emulator.port });
  else process.stdout.write(`${JSON.stringify({ ready: true, url: emulator.url })}\n`);
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError('not a whole number');
  return Number(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n${USAGE}\n`);
  process.exit(1);
});
