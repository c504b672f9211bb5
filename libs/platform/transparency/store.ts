/** One commit of a log as it is kept: who makes number n decides what the log is after n - 1. */
export interface KeptCommit {
  readonly number: number;
  readonly bytes: Buffer;
}

/** Where a log is kept. A directory now; an object store with conditional writes can be another. */
export interface LogStore {
  /**
   * Makes a commit, once and for all: durable when it returns.
   * @returns false when this number is taken, or a higher one is: then somebody else owns the log
   */
  commit(number: number, bytes: Buffer): Promise<boolean>;
  /** Those that are kept, lowest first. */
  commits(): Promise<KeptCommit[]>;
  /** Makes everything durable that was put before, but for what is below the outdated paths; then forgets commits below a number, and removes what is outdated. */
  forgetBelow(number: number, outdated: readonly string[]): Promise<void>;
  /** Writes a file, or replaces it whole. It may be gone after a loss of power until `forgetBelow` was called. */
  put(path: string, bytes: Buffer): Promise<void>;
  get(path: string): Promise<Buffer | undefined>;
}
