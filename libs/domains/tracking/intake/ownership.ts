import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError, Recent } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { TrackingStore } from '../tracking.store';

/** How long a look at the claims is good for, in ms. */
const GOOD_FOR_MS = 1_000;
/** How long a new owner leaves the one before it to notice, and to end what it has begun, in ms: that one may be alive. */
const NOTICE_MS = 2_000;

/** A claim that holds: what is read of the store from now on is all that the owner before it stored. */
export interface Claim {
  readonly owner: string;
}

/**
 * Sees to it that one process takes records in (docs/adr/0002): whoever has started claims it, and the newest claim counts. Whoever finds a newer one than its own
 * takes nothing in, until that one is given up. It is a guard against a wrong configuration and no lock: an insert that its process began before the claim, and
 * that the engine carries out {@link NOTICE_MS} later, is not stopped.
 */
@Injectable()
export class IntakeOwnership {
  private readonly log = new Logger(IntakeOwnership.name);
  private claimed: Promise<Claim & { readonly claimedAt: number }> | undefined;
  private readonly newest = new Recent(() => this.store.intakeClaim(), GOOD_FOR_MS);
  private isTold = false;

  /** Whether this process takes records in, and does not hand them on to another one. */
  readonly isOurs: boolean;

  constructor(
    private readonly store: TrackingStore,
    @Inject(CONFIGURATION) { HOLDFAST_INTAKE_OWNER_URL }: Configuration,
  ) {
    this.isOurs = HOLDFAST_INTAKE_OWNER_URL === undefined;
  }

  /**
   * The claim of this process, once it holds; another one than before where this process had lost intake and has it again. Call before each batch, and before
   * anything is read that it depends on.
   * @throws DomainError `unavailable` where another process has taken over
   */
  async mustBeOurs(): Promise<Claim> {
    if (!this.isOurs) throw notOurs();
    const claiming = this.claim();
    const claim = await claiming;
    const before = await this.newest.get();
    if (!before || before.owner === claim.owner) return claim;
    const newest = await this.newest.fresh(); // that one may have been given up since
    if (!newest || newest.owner === claim.owner) return claim;
    if (!newest.isGivenUp) {
      if (!this.isTold) this.log.error('another API takes records in: give this one HOLDFAST_INTAKE_OWNER_URL');
      this.isTold = true;
      throw notOurs();
    }
    this.isTold = false;
    if (this.claimed === claiming) this.claimed = undefined;
    return this.claim();
  }

  /** Whether this claim is the newest, as far as is known. */
  async holds(owner: string): Promise<boolean> {
    const newest = await this.newest.get();
    return newest?.owner === owner && !newest.isGivenUp;
  }

  /** Call when nothing is under way any more: the next owner need not wait. */
  async giveUp(): Promise<void> {
    if (!this.claimed) return;
    try {
      const { owner, claimedAt } = await this.claimed;
      if ((await this.store.intakeClaim())?.owner === owner)
        await this.store.claimIntake({ owner, claimedAt, isGivenUp: true });
    } catch (error) {
      this.log.warn(`intake was not given up, so that the next owner will wait: ${(error as Error).message}`);
    }
  }

  private claim(): NonNullable<typeof this.claimed> {
    if (!this.claimed) {
      this.claimed = this.claimNow();
      this.claimed.catch(() => (this.claimed = undefined));
    }
    return this.claimed;
  }

  private async claimNow(): Promise<Claim & { readonly claimedAt: number }> {
    const before = await this.store.intakeClaim();
    const owner = randomUUID();
    // Behind the one before it, also where clocks differ.
    const claimedAt = Math.max(Date.now() * 1000, (before?.claimedAt ?? 0) + 1);
    await this.store.claimIntake({ owner, claimedAt, isGivenUp: false });
    this.newest.forget();
    if (before && !before.isGivenUp) await pause(NOTICE_MS, undefined, { ref: false });
    return { owner, claimedAt };
  }
}

const notOurs = (): DomainError =>
  new DomainError('unavailable', 'not_the_intake_owner', 'another API takes records in');
