import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { TrackingStore } from '../tracking.store';
import type { IntakeMemory } from './intake-memory';
import { IntakeKnowledge } from './knowledge';
import { IntakeOwnership } from './ownership';

const EVERY_MS = 15_000;
/** What was received in so much time is copied at once, at most: about two million records at full speed. */
const STEP: Micros = 60_000_000;
/** The newest generation is made one part again when it has grown by so much: an identity is written about five times until its generation is complete. */
const GROWTH = 1.25;

/**
 * Copies identities out of the table of records into `tracking_identities`, where they are looked up (docs/adr/0014). The process that takes records in does so, since it knows
 * which of them are still on their way. A crash loses nothing: what was copied is marked afterwards, and copied again where it was not.
 */
@Injectable()
export class IdentityKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(IdentityKeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private merging: Promise<void> | undefined;
  /** How many identities a generation had when it was made one part. */
  private readonly merged = new Map<number, number>();

  constructor(
    private readonly store: TrackingStore,
    private readonly ownership: IntakeOwnership,
    private readonly knowledge: IntakeKnowledge,
  ) {}

  onApplicationBootstrap(): void {
    if (this.ownership.isOurs) this.later();
  }

  /** A round under way is left to itself: what it has not done is done again. */
  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private later(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.keep(Date.now() * 1000)
        .catch((error: unknown) => {
          if (!this.stopped) this.log.warn(`not kept yet: ${(error as Error).message}`);
        })
        .finally(() => this.later());
    }, EVERY_MS).unref();
  }

  /** Copies what was received and has settled; does nothing while the filter is being read, or another process takes records in. */
  async keep(now: Micros): Promise<void> {
    const memory = this.knowledge.ready;
    if (!memory || !(await this.ownership.holds(memory.owner))) return;
    const until = memory.settledUntil(now);
    while (memory.keptUntil < until) await this.step(memory, until);
    this.merging ??= this.merge(memory)
      .catch((error: unknown) => this.log.warn(`not merged yet: ${(error as Error).message}`))
      .finally(() => (this.merging = undefined));
  }

  private async step(memory: IntakeMemory, end: Micros): Promise<void> {
    const { filter, keptUntil } = memory;
    const first = (await this.store.received(keptUntil))?.first ?? end;
    if (first >= end) {
      memory.kept(end);
      return;
    }
    const until = Math.min(end, first + STEP);
    const generation = filter.next();
    for await (const identities of this.store.receivedIdentities(first, until)) filter.fill(generation, identities);
    await this.store.keepIdentities(generation, first, until);
    await this.store.markKept(until);
    memory.kept(until);
  }

  /** Makes one part of each generation that has grown enough, and of what is complete: each part that may hold an identity costs a read. */
  private async merge({ filter }: IntakeMemory): Promise<void> {
    for (const [generation, size] of filter.sizes) {
      const merged = this.merged.get(generation) ?? 0;
      const isWorthIt = filter.isComplete(generation) ? size > merged : size > merged * GROWTH;
      if (!isWorthIt) continue;
      await this.store.mergeGeneration(generation);
      this.merged.set(generation, size);
    }
  }
}
