import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { TrackingStore } from '../tracking.store';

/** How long a look at the claims is good for, in ms. */
const GOOD_FOR_MS = 1_000;
/** How long a new owner leaves the one before it to notice, in ms: that one may be alive. */
const NOTICE_MS = 2_000;

/**
 * Sees to it that one process takes records in (docs/adr/0002): each start claims it, and the newest claim counts. Whoever finds a newer one than its own
 * takes nothing in any more. It is a guard against a wrong configuration and no lock: an insert that its process began before the claim, and that the engine
 * carries out {@link NOTICE_MS} later, is not stopped.
 */
@Injectable()
export class IntakeOwnership implements OnModuleInit {
  private readonly log = new Logger(IntakeOwnership.name);
  private readonly owner = randomUUID();
  private claimedAt = 0;
  private given: Promise<unknown> = Promise.resolve();
  private lookedAt = -Infinity;
  private lost = false;

  /** Whether this process takes records in, and does not hand them on to another one. */
  readonly isOurs: boolean;

  constructor(
    private readonly store: TrackingStore,
    @Inject(CONFIGURATION) { HOLDFAST_INTAKE_OWNER_URL }: Configuration,
  ) {
    this.isOurs = HOLDFAST_INTAKE_OWNER_URL === undefined;
  }

  /** Before anything of the process takes records in. */
  async onModuleInit(): Promise<void> {
    if (!this.isOurs) return;
    const before = await this.store.intakeClaim();
    // Behind the one before it, also where clocks differ.
    this.claimedAt = Math.max(Date.now() * 1000, (before?.claimedAt ?? 0) + 1);
    await this.store.claimIntake({ owner: this.owner, claimedAt: this.claimedAt, isGivenUp: false });
    if (before && !before.isGivenUp) this.given = pause(NOTICE_MS, undefined, { ref: false });
  }

  /**
   * Call before each batch.
   * @throws DomainError `unavailable` where another process has taken over
   */
  async mustBeOurs(): Promise<void> {
    await this.given;
    if (!this.lost && performance.now() - this.lookedAt > GOOD_FOR_MS) {
      const looked = performance.now();
      const newest = await this.store.intakeClaim();
      this.lost = newest !== undefined && newest.owner !== this.owner;
      if (this.lost) this.log.error('another API takes records in: give this one HOLDFAST_INTAKE_OWNER_URL');
      this.lookedAt = looked;
    }
    if (this.lost || !this.isOurs)
      throw new DomainError('unavailable', 'not_the_intake_owner', 'another API takes records in');
  }

  /** Call when nothing is under way any more: the next owner need not wait. */
  async giveUp(): Promise<void> {
    if (!this.isOurs || this.lost || this.claimedAt === 0) return;
    await this.store.claimIntake({ owner: this.owner, claimedAt: this.claimedAt, isGivenUp: true });
  }
}
