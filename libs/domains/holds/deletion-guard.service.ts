import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { ClickHouse, Partitions } from '@holdfast/platform/clickhouse';
import { type DeletionIntent, fenceOf } from './core/intent';
import { HoldStore, type StandingHold } from './hold.store';
import { IntentStore } from './intent.store';

/** What is to be deleted, in one go. */
export interface Deletion extends Pick<DeletionIntent, 'table' | 'partition' | 'class'> {
  /** What the deletion cannot take effect without; see {@link DeletionGuardService.newIntent}. */
  readonly intent: string;
  /** How long it may take, in whole seconds. */
  readonly seconds: number;
}

/** The holds as they are when a deletion begins, and its right to go on. */
export class HoldsNow {
  constructor(
    private readonly versions: string,
    private readonly read: () => Promise<readonly StandingHold[]>,
    /** Aborted when the time that the deletion was given is over. */
    readonly signal: AbortSignal,
  ) {}

  /** Every hold that is in force. */
  all(): Promise<readonly StandingHold[]> {
    return this.read();
  }

  /**
   * @param known the holds by which was found what may be deleted
   * @throws DomainError `conflict` with code `holds_changed` when others are in force now that may hold rows of the class
   */
  async mustStillBe(known: KnownHolds, recordClass: string): Promise<void> {
    this.signal.throwIfAborted();
    if (this.versions === known.versions) return;
    const fresh = (await this.read()).filter(
      ({ hold, version, classes }) =>
        known.byId.get(hold) !== version && (classes.length === 0 || classes.includes(recordClass)),
    );
    if (fresh.length > 0) throw holdsChanged();
    this.signal.throwIfAborted();
  }
}

/** The holds as they were when somebody looked. */
export interface KnownHolds {
  readonly versions: string;
  /** Version by id. */
  readonly byId: ReadonlyMap<string, number>;
}

export const holdsChanged = (): DomainError =>
  new DomainError('conflict', 'holds_changed', 'holds were placed or changed since it was found what may be deleted');
/** What `remove` throws where it finds in time that it must not delete: nothing has gone, and it may be begun anew. */
export const isUntouched = (error: unknown): boolean =>
  error instanceof DomainError && (error.code === 'holds_changed' || error.code === 'partition_changed');

/**
 * Every deletion of Holdfast goes through it. A deletion says what it is about to delete, then reads the holds, then deletes; a hold says that it is there, then reads what is about to be
 * deleted, and waits for it. One of the two always sees the other: see docs/models/holds.md.
 */
@Injectable()
export class DeletionGuardService {
  private readonly owner = `${hostname()}/${process.pid}`;
  private readonly partitions: Partitions;

  constructor(
    clickhouse: ClickHouse,
    private readonly holds: HoldStore,
    private readonly intents: IntentStore,
  ) {
    this.partitions = new Partitions(clickhouse);
  }

  /** Differs after every new version of any hold. */
  standing(): Promise<string> {
    return this.holds.standing();
  }

  /** The holds as they are now, and whether any of them may hold rows of a class. */
  async known(recordClass: string): Promise<KnownHolds & { readonly mayHold: boolean }> {
    const versions = await this.holds.standing(); // first: at worst it is looked again
    const inForce = await this.holds.inForce();
    return {
      versions,
      byId: new Map(inForce.map(({ hold, version }) => [hold, version])),
      mayHold: inForce.some(({ classes }) => classes.length === 0 || classes.includes(recordClass)),
    };
  }

  /** Names a deletion, and the table that is its fence: who makes it, and deletes by means of it, can be stopped by dropping it. */
  newIntent(): { readonly intent: string; readonly fence: string } {
    const intent = randomBytes(16).toString('hex');
    return { intent, fence: fenceOf(intent) };
  }

  /**
   * @param remove deletes what no hold forbids, in time, and only where its fence is there
   * @returns what `remove` does
   * @throws what `remove` throws: unless that is `isUntouched`, it may have deleted, and cannot any more
   */
  async run<T extends { readonly rows: number }>(
    { seconds, ...deletion }: Deletion,
    remove: (holds: HoldsNow) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(seconds * 1000); // begins before anybody can see the intent
    const intent: DeletionIntent = {
      ...{ ...deletion, seconds, fence: fenceOf(deletion.intent), owner: this.owner, at: Date.now() * 1000 },
    };
    await this.intents.note(intent, 'open', 0, intent.at);
    try {
      const now = new HoldsNow(await this.holds.standing(), () => this.holds.inForce(), signal);
      const removed = await remove(now);
      await this.intents.note(intent, 'done', removed.rows, Date.now() * 1000);
      return removed;
    } catch (error) {
      await this.end(intent, isUntouched(error));
      throw error;
    }
  }

  /** Where that fails too, whoever waits for the intent fences it off. */
  private async end(intent: DeletionIntent, untouched: boolean): Promise<void> {
    try {
      if (!untouched) await this.partitions.drop(intent.fence);
      await this.intents.note(intent, untouched ? 'failed' : 'unclear', 0, Date.now() * 1000);
    } catch {
      // What went wrong first is what the caller has to hear.
    }
  }
}
