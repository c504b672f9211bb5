import { Injectable } from '@nestjs/common';
import { DomainError, newId } from '@holdfast/kernel';
import { meaning } from '@holdfast/platform/errors';
import { compare } from './compare';
import { ComparisonsStore } from './comparisons.store';
import { ConfiguredConnections } from './configured-connections';
import type { Difference, Progress } from './core/comparison';
import { KeysNamedError } from './explained';
import {
  type ComparisonRun,
  type Ending,
  type FinishedSegment,
  goesOn,
  NO_COUNTS,
  NOTHING_SPENT,
  NOTHING_TOLD,
} from './core/run';

/** Differences that are written at once. */
const BATCH = 5_000;

export interface RunTerms {
  /** Ends statements in the stores, too. */
  readonly signal: AbortSignal;
  /** Hears which segment was finished. */
  readonly finished: (segment: number) => void;
  /** As in CompareOptions. */
  readonly segmentRows?: number;
}

/** One execution of a comparison: goes on behind the last segment that any execution has finished. */
@Injectable()
export class ComparisonRunner {
  constructor(
    private readonly store: ComparisonsStore,
    private readonly connections: ConfiguredConnections,
  ) {}

  /**
   * Compares to the end, and stores what was found and how it ended. What cannot succeed by a repeat ends it as failed.
   * @throws DomainError of a kind that a repeat may mend; what `signal` was aborted with
   */
  async run(
    comparison: string,
    { signal, finished, segmentRows }: RunTerms,
  ): Promise<Pick<Ending, 'state' | 'counts'>> {
    const run = await this.store.find(comparison);
    if (!run) throw new DomainError('not_found', 'comparison_not_found', 'there is no such comparison');
    if (run.state !== 'running') return { state: run.state, counts: run.counts };
    const last = await this.store.lastSegment(comparison);
    const told = new Telling(this.store, run, last);
    try {
      const parts = compare(run.body, {
        ...{ connections: this.connections.lookUp, signal },
        ...(last && { resume: last.resume }),
        ...(segmentRows !== undefined && { segmentRows }),
      });
      for (;;) {
        const part = await parts.next();
        if (part.done === true) {
          const { counts, spent } = part.value;
          const ending = { state: 'done', counts, spent, result: part.value } as const;
          return await this.end(comparison, { ...ending, ...(await told.close()), at: now() });
        }
        if (await told.tell(part.value)) finished(told.segment);
      }
    } catch (error) {
      // A signal that was aborted explains whatever else went wrong.
      if (signal.aborted || !(error instanceof DomainError) || meaning[error.kind].retryable) throw error;
      // How a comparison ended is kept longer than keys, and seen by more people.
      const detail = error instanceof KeysNamedError ? error.withoutKeys : error.message;
      return this.giveUp(comparison, 'failed', { code: error.code, detail });
    }
  }

  /** Ends a comparison with what its last finished segment came to. What has ended stays as it is. */
  async giveUp(comparison: string, state: 'failed' | 'stopped', failure?: Ending['failure']): Promise<Ending> {
    const last = await this.store.lastSegment(comparison);
    return this.end(comparison, {
      ...{ state, at: now(), failure },
      ...{ counts: last?.resume.counts ?? NO_COUNTS, spent: last?.resume.spent ?? NOTHING_SPENT },
      ...{ lineage: last?.lineage ?? NOTHING_TOLD, names: last?.names ?? { key: [], columns: [] } },
    });
  }

  private async end(comparison: string, ending: Ending): Promise<Ending> {
    await this.store.end(comparison, ending);
    return ending;
  }
}

const now = (): number => Date.now() * 1000;

/** What one execution tells: differences in batches, and the segments that make them count. */
class Telling {
  /** The last segment that was finished. */
  segment: number;
  private readonly execution = newId();
  private lineage: FinishedSegment['lineage'];
  private names: FinishedSegment['names'];
  private waiting: Difference[] = [];
  /** Differences of the segment under way that are stored. */
  private written = 0;

  constructor(
    private readonly store: ComparisonsStore,
    private readonly run: ComparisonRun,
    last: FinishedSegment | undefined,
  ) {
    this.segment = last?.segment ?? 0;
    this.lineage = last?.lineage ?? NOTHING_TOLD;
    this.names = last?.names ?? { key: [], columns: [] };
  }

  /** @returns whether a segment was finished with it */
  async tell({ differences, names, resume }: Progress): Promise<boolean> {
    this.names = names;
    for (const one of differences) this.waiting.push(one);
    if (this.waiting.length >= BATCH || resume) await this.write();
    if (!resume) return false;
    this.goOn();
    const { execution, segment, lineage } = this;
    await this.store.finishSegment(this.run, { execution, segment, lineage, names, resume });
    return true;
  }

  /** What the result names: behind the last segment there may be differences that no resume point came after. */
  async close(): Promise<Pick<Ending, 'lineage' | 'names'>> {
    await this.write();
    if (this.written > 0) this.goOn();
    return { lineage: this.lineage, names: this.names };
  }

  private goOn(): void {
    this.segment += 1;
    this.written = 0;
    this.lineage = goesOn(this.lineage, this.execution, this.segment);
  }

  private async write(): Promise<void> {
    const { execution, segment, waiting, written } = this;
    this.waiting = [];
    await this.store.addDifferences(this.run, { execution, segment: segment + 1 }, written, waiting);
    this.written += waiting.length;
  }
}
