import type { Micros } from '@holdfast/kernel';
import { IdentityFilter } from './identity-filter';

/** How long what was begun before this claim, or was given up, may still land in a store that answers: longer than all tries of an insert take. */
export const STRAGGLERS: Micros = 180_000_000;

/** A batch on its way into the store. */
export interface Arrival {
  readonly receivedAt: Micros;
  /** @param isUnknown nobody knows whether it was stored: it may yet be */
  end(isUnknown: boolean): void;
}

interface UnderWay {
  readonly receivedAt: Micros;
  isGivenUp: boolean;
  /** Of a batch that was given up: when the store answered next. */
  answeredAt: Micros | undefined;
}

/** What is kept in memory, under one claim, of the records that were stored before and since. */
export class IntakeMemory {
  /** Until the filter holds what was stored before this process took intake over, every record is asked for everywhere. */
  complete = false;
  /** Processes some of whose events did not carry their origin. */
  readonly mixed: Set<string>;
  private readonly underWay = new Set<UnderWay>();
  /** No batch arrives at this time or before any more. */
  private passed: Micros;
  /** No batch, of this process or of others before it, arrived later. */
  private latest: Micros;

  /**
   * @param owner names the claim @param claimedAt when it held @param keptUntil what was received before stands in `tracking_identities`
   * @param latest when the last record was received
   */
  constructor(
    readonly owner: string,
    private readonly claimedAt: Micros,
    mixed: readonly string[],
    public keptUntil: Micros,
    latest: Micros,
    readonly filter = new IdentityFilter(),
  ) {
    this.mixed = new Set(mixed);
    this.passed = keptUntil;
    this.latest = Math.max(latest, keptUntil);
  }

  /** Begins a batch: what it adds to the filter from now on is received at this time, which is not before what was copied, also where the clock was set back. */
  arrive(now: Micros): Arrival {
    const receivedAt = Math.max(now, this.passed + 1);
    this.latest = Math.max(this.latest, receivedAt);
    const one: UnderWay = { receivedAt, isGivenUp: false, answeredAt: undefined };
    this.underWay.add(one);
    return {
      receivedAt,
      end: (isUnknown) => {
        if (isUnknown) one.isGivenUp = true;
        else this.underWay.delete(one);
      },
    };
  }

  /** What was received before this time has landed, or never will. Call when the store has just answered: from then on stragglers are late. */
  settledUntil(now: Micros): Micros {
    for (const one of this.underWay) {
      if (!one.isGivenUp) continue;
      one.answeredAt ??= now;
      if (now - one.answeredAt >= STRAGGLERS) this.underWay.delete(one);
    }
    if (now - this.claimedAt < STRAGGLERS) return this.keptUntil;
    const oldest = Math.min(now, ...[...this.underWay].map(({ receivedAt }) => receivedAt));
    const settled = Math.max(oldest, this.keptUntil);
    this.passed = Math.max(this.passed, settled - 1);
    return settled;
  }

  /** What was received before this time stands in the generations of the filter. */
  kept(until: Micros): void {
    this.keptUntil = until;
    this.filter.forget(until, this.latest);
  }
}
