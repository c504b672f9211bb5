import { CliError, EXIT } from '../exit';

/** Something did not happen in time. */
export class DemoError extends CliError {
  override readonly name = 'DemoError';
  constructor(message: string) {
    super(message, EXIT.no);
  }
}
