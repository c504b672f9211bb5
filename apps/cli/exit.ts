/** What the process says to scripts when it ends; documented in docs/guides/cli.md. */
export const EXIT = {
  ok: 0,
  /** The command was carried out, and the answer is no. */
  no: 1,
  usage: 2,
  /** The API refused the request. */
  refused: 3,
  /** Nobody could carry it out now. */
  unavailable: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message for people and a code for scripts. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  constructor(
    message: string,
    readonly exit: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class UsageError extends CliError {
  override readonly name = 'UsageError';
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

export const EXIT_HELP = `
Exit codes:
  0    done, and the answer is yes
  1    done, and the answer is no: a window has gaps, an objective is not met, a document does not apply, the demo found something else than was planted
  2    the command line is wrong
  3    the API refused the request
  4    the API or something that it needs is not available
  130  interrupted`;
