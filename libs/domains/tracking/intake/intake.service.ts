import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Counts, Outcome, Rejection, RejectionCode } from '../core/event';
import { candidateOf, type Intake, intakeOf } from './candidate';
import { IntakeCommitter, type Committed, type Prepared } from './committer';
import type { Body } from './read-body';
import { readRecord, type ReadRecord, type RecordForm, refuse, type RejectedRecord, wasRejected } from './read-record';
import { BrokenBody, type Piece } from './split-records';

/** How many rejected and conflicting records an answer names. All are counted. */
export const MOST_NAMED = 100;
const BATCH_ROWS = 10_000;
const BATCH_BYTES = 16_000_000;
/** Longest that a record waits for others while its sender is told of each batch, in ms. */
const LINGER_MS = 100;
/** How long records of one body are read before others have a turn, in ms. */
const TURN_MS = 20;
/** What a parsed record takes in memory beside its bytes, roughly. */
const OVERHEAD = 800;

/** What became of a body. */
export interface Receipt extends Counts {
  /** The first of the records that were not stored for a reason, by line from 1. */
  readonly problems: readonly RecordProblem[];
  /** Where and why the rest of the body could not be read. What is counted here stays. */
  readonly broken?: { readonly line: number; readonly reason: string; readonly code: BrokenBody['code'] };
  /** Messages that say nothing, such as tombstones: they are no records, and have their lines all the same. */
  readonly skipped?: number;
}
/** Everything up to a line is durable, and came to this. */
export interface Progress extends Counts {
  readonly acknowledged: number;
}
/** Hears of a body while it is read. */
export interface Listener {
  stored(progress: Progress): void;
  /** A batch could not be stored: nothing behind it will be. */
  failed(error: unknown): void;
}
export interface RecordProblem {
  readonly line: number;
  readonly outcome: Outcome;
  readonly code: RejectionCode | 'conflict';
  readonly field: string;
  readonly reason: string;
}

/** Takes records in: reads, checks, stores in batches, counts. */
@Injectable()
export class IntakeService implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly catalog: CatalogService,
    private readonly committer: IntakeCommitter,
  ) {}

  /** Ends bodies that are acknowledged while they come, which else would keep the process from ending. */
  onModuleDestroy(): void {
    this.stopping.abort(
      new DomainError('unavailable', 'shutting_down', 'the service stops; go on behind the last acknowledged record', {
        retryAfterSeconds: 2,
      }),
    );
  }

  /** Whether a body may be read now. @throws DomainError `too_many_requests` when memory is full */
  admit(): void {
    this.committer.admit();
  }

  /**
   * Reads a body to its end, or to where it breaks, holding two batches at most: one that is read while the other is stored. While memory is full it reads
   * no further.
   * @throws DomainError `too_many_requests` before anything is read; `unavailable` when a batch could not be stored: records before it may have been, and
   * a retry of the whole body is safe
   * @param listener hears of each batch as soon as it is durable; then a batch is also closed when its first record has waited for 100 ms
   */
  async receive({ form, traceId = '', pieces }: Body, listener?: Listener): Promise<Receipt> {
    this.admit();
    const tally = new Tally();
    let storing: Promise<void> = Promise.resolve();
    let batch: (ReadRecord | RejectedRecord)[] = [];
    let bytes = 0;
    let line = 0;
    let turn = performance.now();
    let isStoring = false;
    let lingering: NodeJS.Timeout | undefined;
    const linger = (): void => {
      lingering = setTimeout(() => {
        if (isStoring) linger();
        else flush().catch(() => undefined); // met when the next batch is closed, or at the end
      }, LINGER_MS);
    };
    const flush = async (): Promise<void> => {
      clearTimeout(lingering);
      if (batch.length === 0) return;
      const [records, held, acknowledged] = [batch, bytes, line];
      [batch, bytes] = [[], 0];
      const before = storing;
      storing = (async () => {
        try {
          await before;
          isStoring = true;
          tally.add(await this.committer.commit(await this.prepare(records), held));
          listener?.stored({ acknowledged, ...tally.counted() });
        } finally {
          isStoring = false;
          this.committer.release(held);
        }
      })();
      storing.catch((error: unknown) => listener?.failed(error)); // awaited with the next batch, or at the end
      await before;
    };
    let broken: Receipt['broken'];
    try {
      for await (const some of listener ? interruptible(pieces, this.stopping.signal) : pieces) {
        const now = Date.now() * 1000;
        for (const piece of some) {
          if (performance.now() - turn > TURN_MS) {
            await new Promise(setImmediate);
            turn = performance.now();
          }
          if (piece.skipped === true) {
            line++;
            tally.skipped++;
            continue;
          }
          batch.push(correlated(readPiece(piece, ++line, now, form), traceId));
          if (listener && batch.length === 1) linger();
          const more = piece.bytes.length + OVERHEAD;
          bytes += more;
          this.committer.hold(more);
          if (batch.length >= BATCH_ROWS || bytes >= BATCH_BYTES) await flush();
        }
        if (this.committer.full) {
          await flush();
          await this.committer.room();
        }
      }
    } catch (error) {
      clearTimeout(lingering);
      if (this.stopping.signal.aborted) {
        await flush();
        await storing;
      }
      if (!(error instanceof BrokenBody)) {
        this.committer.release(bytes);
        throw error;
      }
      broken = { line: line + 1, reason: error.reason, code: error.code };
    }
    await flush();
    await storing;
    return { ...tally.receipt(), ...(broken && { broken }) };
  }

  /** Joins records with their processes. That a process or stage is unknown is asked of the store before it is believed. */
  private async prepare(records: readonly (ReadRecord | RejectedRecord)[]): Promise<Prepared[]> {
    const read = records.filter((record): record is ReadRecord => !wasRejected(record));
    const intakes = await this.intakes(read, false);
    const unsure = read.filter(({ event }) => intakes.get(event.process)?.stages.has(event.stage) === false);
    for (const [id, intake] of await this.intakes(unsure, true)) intakes.set(id, intake);
    return records.map((record) => {
      if (wasRejected(record)) return { ...record, process: '' };
      const { event, line } = record;
      const intake = intakes.get(event.process);
      if (!intake) return { line, source: event.source, process: '', rejection: UNKNOWN_PROCESS };
      if (!intake.stages.has(event.stage))
        return { line, source: event.source, process: event.process, rejection: UNKNOWN_STAGE };
      return candidateOf(record, intake);
    });
  }

  private async intakes(records: readonly ReadRecord[], fresh: boolean): Promise<Map<string, Intake>> {
    const ids = new Set(records.map(({ event }) => event.process));
    if (ids.size === 0) return new Map();
    return new Map((await this.catalog.findProcesses(ids, fresh)).map((process) => [process.id, intakeOf(process)]));
  }
}

export const UNKNOWN_PROCESS: Rejection = {
  code: 'unknown_process',
  field: 'process',
  reason: 'there is no such process',
};
export const UNKNOWN_STAGE: Rejection = {
  code: 'unknown_stage',
  field: 'stage',
  reason: 'the process has no such stage',
};

/** Reads one piece of a body that is not skipped. @param line its number in the body, from 1 */
export function readPiece(
  { bytes, tooLong, refused, observed }: Piece,
  line: number,
  now: Micros,
  form: RecordForm,
): ReadRecord | RejectedRecord {
  if (refused) return { line, ...refused };
  if (tooLong) return refuse(line, 'line_too_long', 'is longer than 1 MiB');
  const record = readRecord(bytes, line, now, form);
  return observed !== true || wasRejected(record) ? record : { ...record, event: { ...record.event, observed } };
}

/** An event that names nothing to correlate it by belongs to the trace of its request. */
const correlated = (record: ReadRecord | RejectedRecord, traceId: string): ReadRecord | RejectedRecord =>
  traceId === '' || wasRejected(record) || record.event.correlationId !== ''
    ? record
    : { ...record, event: { ...record.event, correlationId: traceId } };

async function* interruptible<T>(source: AsyncIterator<T>, signal: AbortSignal): AsyncGenerator<T> {
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => (stop = () => reject(signal.reason as Error)));
  stopped.catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      signal.throwIfAborted();
      const next: IteratorResult<T, unknown> = await Promise.race([source.next(), stopped]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Counts outcomes and keeps the first problems. */
class Tally {
  private readonly counts = { stored: 0, duplicate: 0, conflict: 0, rejected: 0 };
  private readonly problems: RecordProblem[] = [];
  skipped = 0;

  add({ decisions, rejections }: Committed): void {
    for (const { line, rejection } of rejections) this.reject(line, rejection);
    for (const { candidate, outcome, rejection } of decisions) {
      if (rejection) this.reject(candidate.line, rejection);
      else {
        this.counts[outcome]++;
        if (outcome === 'conflict')
          this.name({
            line: candidate.line,
            outcome,
            code: 'conflict',
            field: '',
            reason: 'the same record was stored with another payload',
          });
      }
    }
  }

  counted(): Counts {
    const { stored, duplicate, conflict, rejected } = this.counts;
    return { received: stored + duplicate + conflict + rejected, ...this.counts };
  }

  receipt(): Omit<Receipt, 'broken'> {
    const problems = [...this.problems].sort((a, b) => a.line - b.line);
    return { ...this.counted(), ...(this.skipped > 0 && { skipped: this.skipped }), problems };
  }

  private reject(line: number, rejection: Rejection): void {
    this.counts.rejected++;
    this.name({ line, outcome: 'rejected', ...rejection });
  }

  private name(problem: RecordProblem): void {
    if (this.problems.length < MOST_NAMED) this.problems.push(problem);
  }
}
