import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import {
  type JudgedWindow,
  type Resolutions,
  type WindowAccuracy,
  WindowStatisticsStore,
} from './window-statistics.store';

/** What many windows together say, for domains that measure how well things go. */
@Injectable()
export class WindowStatisticsService {
  constructor(private readonly store: WindowStatisticsStore) {}

  /**
   * Of windows that were first judged in [from, to), by that time: events of the stages that the process begins at, and keys that were mutated or duplicate.
   * @param asOf verdicts before it count
   */
  accuracy(
    process: string,
    first: readonly string[],
    from: Micros,
    to: Micros,
    asOf: Micros,
  ): Promise<WindowAccuracy[]> {
    return this.store.accuracy(process, first, from, to, asOf);
  }

  /**
   * Every revision of the verdicts about windows that ended after `from`, as far as they were judged until `to`, in the order of their times.
   * @param processes none: of all
   */
  verdictsSince(processes: readonly string[], from: Micros, to: Micros): Promise<JudgedWindow[]> {
    return this.store.verdictsSince(processes, from, to);
  }

  /** How long windows had gaps that were healed or accepted in [from, to). */
  resolutions(process: string, from: Micros, to: Micros): Promise<Resolutions> {
    return this.store.resolutions(process, from, to);
  }
}
