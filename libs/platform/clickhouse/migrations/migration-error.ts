/** A migration that cannot be applied, or one that was applied and has changed since. The message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
