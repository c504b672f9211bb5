import { Injectable } from '@nestjs/common';
import type { Outcome, Rejection } from '../core/event';
import type { QuarantinedItem } from '../core/quarantine';
import { discardOf } from './candidate';
import { IntakeCommitter, isPreparedRejection, type Prepared } from './committer';
import { readRecord } from './read-record';
import { IntakePreparation } from './preparation';

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
    return (await this.prepared(mended)).map((one) =>
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
    const { decisions } = await this.committer.commit(await this.prepared(mended), bytes);
    return decisions.map(({ outcome, rejection, became }, index) => ({
      item: mended[index]!.item,
      outcome: outcome === 'gone' ? became! : outcome === 'still_bad' ? 'quarantined' : outcome,
      problem: outcome === 'still_bad' ? rejection : undefined,
      wasGone: outcome === 'gone',
    }));
  }

  /** Gives records up. @returns those that are given up now: not those that have left quarantine in another way */
  async discard<I extends QuarantinedItem>(items: readonly I[]): Promise<I[]> {
    if (items.length === 0) return [];
    const { decisions } = await this.committer.commit(items.map(discardOf), 0);
    return items.filter((_, index) => {
      const { outcome, became } = decisions[index]!;
      return outcome === 'rejected' || became === 'discarded';
    });
  }

  private async prepared(mended: readonly Mended<QuarantinedItem & { correlationId: string }>[]): Promise<Prepared[]> {
    const now = Date.now() * 1000;
    const records = mended.map(({ item, record }, line) => readRecord(record, line, now, item.form));
    const items = new Map(mended.map(({ item }, line) => [line, item]));
    const prepared = await this.preparation.of(records, now, items);
    // That of its request, as it was stored: it is not masked once more.
    return prepared.map((one, line) => {
      const { correlationId } = mended[line]!.item;
      return isPreparedRejection(one) || !one.event || one.event.correlationId !== '' || correlationId === ''
        ? one
        : { ...one, event: { ...one.event, correlationId } };
    });
  }
}
