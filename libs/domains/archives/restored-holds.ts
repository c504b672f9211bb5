/** Whether something that was restored has to stay: whoever knows of legal holds provides this; without it nothing is held. */
export const RESTORED_HOLDS = Symbol('holds on restored records');

export interface RestoredHolds {
  /** @param archive that the records came from */
  isHeld(restore: string, archive: string): Promise<boolean>;
}
