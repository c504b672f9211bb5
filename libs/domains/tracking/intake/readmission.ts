import { Injectable } from '@nestjs/common';
import type { Outcome, Rejection } from '../core/event';
import type { QuarantinedItem } from '../core/quarantine';
import { discardOf } from './candidate';
import { IntakeCommitter, isPreparedRejection, type Prepared, RECORD_OVERHEAD } from './committer';
import { readRecord } from './read-record';
import { IntakePreparation } from './preparation';

/** What is held of a record at most: as the store's answer has it, as it is read, and as a patch leaves it. */
const COPIES = 3;
/** Records that are read before others have a turn. */
const TURN_ROWS = 100;

/** A quarantined record as it is now. */
export interface Mended<I extends QuarantinedItem> {
  readonly item: I;
  readonly record: Buffer;
}

/** What became of a record that was taken in again. */
export interface Readmitted<I extends QuarantinedItem> {
  readonly item: I;
  readonly outcome: Outcome | 'discarded';
  /** Why it stays in quarantine; undefined when it has left. */
  readonly problem: Rejection | undefined;
  /** Whether it had left before. */
  readonly wasGone: boolean;
}

/** The way out of quarantine. Each record leaves once, whatever is repeated: it is decided where all records are, one batch after the other. */
@Injectable()
export class Readmission {
  constructor(
    private readonly preparation: IntakePreparation,
    private readonly committer: IntakeCommitter,
  ) {}

  /** What stands against each of the records; undefined for nothing. Stores nothing, and does not look at what was stored before. */
  async check(
    mended: readonly Mended<QuarantinedItem & { correlationId: string }>[],
  ): Promise<(Rejection | undefined)[]> {
    return (await this.prepared(mended)).map(([one]) =>
      isPreparedRejection(one) ? one.rejection : one.refusal?.rejection,
    );
  }

  /**
   * Takes records in again, as of when they were first received.
   * @throws DomainError `unavailable` when they could not be stored, or nobody knows: a retry is safe
   */
  async admit<I extends QuarantinedItem & { correlationId: string }>(
    mended: readonly Mended<I>[],
  ): Promise<Readmitted<I>[]> {
    if (mended.length === 0) return [];
    const bytes = mended.reduce((sum, { record }) => sum + record.length, 0);
    const prepared = await this.prepared(mended);
    const { decisions } = await this.committer.commit(prepared.flat(), bytes);
    const first = firstsOf(prepared).map((at) => decisions[at]!);
    return first.map(({ outcome, rejection, became }, index) => ({
      item: mended[index]!.item,
      outcome: outcome === 'gone' ? became! : outcome === 'still_bad' ? 'quarantined' : outcome,
      problem: outcome === 'still_bad' ? rejection : undefined,
      wasGone: outcome === 'gone',
    }));
  }

  /** Gives records up. What has left in another way stays as it is. @throws DomainError `unavailable` as for `admit` */
  async discard<I extends QuarantinedItem>(items: readonly I[]): Promise<Readmitted<I>[]> {
    if (items.length === 0) return [];
    const { decisions } = await this.committer.commit(items.map(discardOf), 0);
    return decisions.map(({ outcome, became }, index) => ({
      item: items[index]!,
      outcome: became!,
      problem: undefined,
      wasGone: outcome === 'gone',
    }));
  }

  /**
   * Counts what work holds of records in intake's memory, for as long as it goes on.
   * @param sizes bytes of each record
   * @throws DomainError `too_many_requests` when that is full
   */
  holding<T>(sizes: readonly number[], work: () => Promise<T>): Promise<T> {
    this.committer.admit();
    return this.counted(sizes, work);
  }

  /** As `holding`; waits until there is room, as bodies do that are read. */
  async holdingInTime<T>(sizes: readonly number[], work: () => Promise<T>): Promise<T> {
    await this.committer.room();
    return this.counted(sizes, work);
  }

  private async counted<T>(sizes: readonly number[], work: () => Promise<T>): Promise<T> {
    const bytes = sizes.reduce((sum, size) => sum + size * COPIES + RECORD_OVERHEAD, 0);
    this.committer.hold(bytes);
    try {
      return await work();
    } finally {
      this.committer.release(bytes);
    }
  }

  /** The parts of each record, the first of which is what becomes of its item. */
  private async prepared(
    mended: readonly Mended<QuarantinedItem & { correlationId: string }>[],
  ): Promise<[Prepared, ...Prepared[]][]> {
    const now = Date.now() * 1000;
    const items = new Map(mended.map(({ item }, line) => [line, item]));
    const records: ReturnType<typeof readRecord>[] = [];
    for (const [line, { item, record }] of mended.entries()) {
      if (line % TURN_ROWS === TURN_ROWS - 1) await new Promise(setImmediate);
      records.push(readRecord(record, line, now, item.form));
    }
    const prepared = await this.preparation.parts(records, now, items);
    // That of its request, as it was stored: it is not masked once more.
    return prepared.map((parts, line) => {
      const { correlationId } = mended[line]!.item;
      return parts.map((one) =>
        isPreparedRejection(one) || !one.event || one.event.correlationId !== '' || correlationId === ''
          ? one
          : { ...one, event: { ...one.event, correlationId } },
      ) as [Prepared, ...Prepared[]];
    });
  }
}

/** Where the parts of each record begin when all of them stand in one list. */
function firstsOf(parts: readonly (readonly unknown[])[]): number[] {
  let next = 0;
  return parts.map(({ length }) => (next += length) - length);
}
