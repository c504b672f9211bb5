/** What is wrong with a sealed stream. */
export type SealFault = 'not_sealed' | 'wrong_key' | 'truncated' | 'appended' | 'reordered' | 'altered';

/** A stream does not open: none of what is wrong was handed out. */
export class SealError extends Error {
  override readonly name = 'SealError';

  /** @param chunk the first that is wrong, from 0 */
  constructor(
    readonly fault: SealFault,
    detail: string,
    readonly chunk?: number,
  ) {
    super(detail);
  }
}
