import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from './api-client';
import { EXIT, type ExitCode } from './exit';
import { count, Output } from './output';
import { keyOf, urlOf, type GlobalOptions } from './settings';

/** What a command works with. */
export interface CommandContext {
  readonly client: ApiClient;
  readonly output: Output;
  readonly url: string;
}

/** How long a command repeats what the API cannot do now, unless told: a person waits less patiently than a transfer. */
export const PATIENCE_MS = { answer: 5_000, transfer: 120_000 } as const;

export function contextOf(command: Command, patience: keyof typeof PATIENCE_MS = 'answer'): CommandContext {
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = new Output(options.json === true);
  const url = urlOf(options);
  const client = new ApiClient({
    url,
    key: keyOf(options),
    patienceMs: options.retryFor === undefined ? PATIENCE_MS[patience] : options.retryFor * 1000,
    onRetry: ({ reason, afterMs }) => {
      if (afterMs >= 1_000) output.note(`${reason}; again in ${Math.round(afterMs / 1000)} s`);
    },
  });
  return { client, output, url };
}

/** Sets the code that the process ends with when the command returns. */
export function endWith(code: ExitCode): void {
  process.exitCode = code;
}

/** A whole number from an option. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`must be a whole number from ${count(least)} to ${count(most)}`);
    return value;
  };

/** A part of an address. */
export const segment = (text: string): string => encodeURIComponent(text);

export const answerIs = (yes: boolean): void => endWith(yes ? EXIT.ok : EXIT.no);
