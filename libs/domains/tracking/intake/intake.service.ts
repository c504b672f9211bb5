import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { type Counts, NO_OUTCOMES, type Outcome, type RejectionCode, withReceived } from '../core/event';
import { IntakeCommitter, RECORD_OVERHEAD, type Committed } from './committer';
import { IntakePreparation } from './preparation';
import type { Body } from './read-body';
import { SourceLimits } from './source-limits';
import { correlated, readPiece, type ReadRecord, type RejectedRecord } from './read-record';
import { BrokenBody } from './split-records';

/** How many records an answer names that something is wrong with. All are counted. */
export const MOST_NAMED = 100;
const BATCH_ROWS = 10_000;
const BATCH_BYTES = 16_000_000;
/** Longest that a record waits for others while its sender is told of each batch, in ms. */
const LINGER_MS = 100;
/** How long records of one body are read before others have a turn, in ms. */
const TURN_MS = 5;

/** What became of a body. */
export interface Receipt extends Counts {
  /** The first of the records that something is wrong with, by line from 1. */
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
    private readonly preparation: IntakePreparation,
    private readonly committer: IntakeCommitter,
    private readonly limits: SourceLimits,
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
          const all = await this.preparation.of(records, Date.now() * 1000);
          for (let at = 0; at < all.length; at += BATCH_ROWS) {
            const prepared = all.slice(at, at + BATCH_ROWS);
            await this.limits.admit(prepared).catch((error: unknown) => {
              throw withCounts(error, tally, prepared[0]!.line);
            });
            const committed = await this.committer.commit(prepared, held).catch((error: unknown) => {
              this.limits.cancel(prepared);
              throw error;
            });
            this.limits.settle(committed);
            tally.add(committed);
          }
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
          const more = piece.bytes.length + RECORD_OVERHEAD;
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
}

/** A refusal in the middle of a body tells what stays of it, and the first line that does not. */
function withCounts(error: unknown, tally: Tally, line: number): unknown {
  if (!(error instanceof DomainError)) return error;
  const { kind, code, message, details } = error;
  return new DomainError(kind, code, message, { ...details, extra: { ...details.extra, ...tally.receipt(), line } });
}

async function* interruptible<T>(source: AsyncIterator<T>, signal: AbortSignal): AsyncGenerator<T> {
  for (;;) {
    signal.throwIfAborted();
    const next: IteratorResult<T, unknown> = await orAborted(source.next(), signal);
    if (next.done) return;
    yield next.value;
  }
}

/** Not a race against one promise for all of the body: that would keep every result until the body ends. */
function orAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
    awaited.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Counts outcomes and keeps the first problems. */
class Tally {
  private readonly counts: Record<Outcome, number> = { ...NO_OUTCOMES };
  private readonly problems: RecordProblem[] = [];
  skipped = 0;

  add({ decisions, rejections }: Committed): void {
    for (const { line, rejection } of rejections) this.count(line, 'rejected', rejection);
    for (const { candidate, outcome, rejection } of decisions) {
      if (outcome === 'still_bad' || outcome === 'gone') continue; // said of records out of quarantine alone
      const warning = outcome === 'stored' && candidate.event ? candidate.warning : undefined;
      this.count(candidate.line, outcome, outcome === 'conflict' ? CONFLICT : (rejection ?? warning));
    }
  }

  counted(): Counts {
    return withReceived(this.counts);
  }

  receipt(): Omit<Receipt, 'broken'> {
    const problems = [...this.problems].sort((a, b) => a.line - b.line);
    return { ...this.counted(), ...(this.skipped > 0 && { skipped: this.skipped }), problems };
  }

  private count(line: number, outcome: Outcome, problem: Omit<RecordProblem, 'line' | 'outcome'> | undefined): void {
    this.counts[outcome]++;
    if (problem && this.problems.length < MOST_NAMED) this.problems.push({ line, outcome, ...problem });
  }
}

const CONFLICT = { code: 'conflict', field: '', reason: 'the same record was stored with another payload' } as const;
