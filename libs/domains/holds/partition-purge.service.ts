import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { ClickHouse, Partitions } from '@holdfast/platform/clickhouse';
import { DeletionGuardService, isUntouched, type KnownHolds } from './deletion-guard.service';
import { HeldRowStore } from './held-row.store';
import { HoldStore } from './hold.store';

const RECORDS = 'tracking_records';
/** How long the swap of a partition may take, in seconds: it moves links of files, whatever their size. */
const SWAP_SECONDS = 2;
/** How often it is begun anew because holds were placed meanwhile. */
const MOST_TRIES = 20;

/** A partition of the table of records: one class, one month of receipt. */
export interface RecordPartition {
  /** As the engine names it. */
  readonly id: string;
  readonly class: string;
}

/** Which rows of a partition are held, as the holds were when somebody looked. */
export interface HeldRows {
  /** Their keys are in `held_keys` under this name. */
  readonly finding: string;
  readonly holds: KnownHolds;
  /** Processes that are held as a whole. */
  readonly processes: readonly string[];
}

const partitionChanged = (): DomainError =>
  new DomainError(
    'conflict',
    'partition_changed',
    'records came into the partition since it was found what may be deleted',
  );

export interface PurgedPartition {
  /** Rows that went, and rows that stayed. */
  readonly rows: number;
  readonly kept: number;
  /** Rows of those that stayed that were held, and what named the holds then. */
  readonly held: number;
  readonly holds: string;
}

/** Deletes partitions of records, and nothing that is held: rows that stay wait in a table beside, and take the partition's place in one step. */
@Injectable()
export class PartitionPurgeService {
  private readonly partitions: Partitions;

  constructor(
    clickhouse: ClickHouse,
    private readonly rows: HeldRowStore,
    private readonly holds: HoldStore,
    private readonly guard: DeletionGuardService,
  ) {
    this.partitions = new Partitions(clickhouse);
  }

  /**
   * Deletes every row of a partition to which none is added any more: a month of receipt that is over. What comes all the same, until a moment before the swap, has it begin anew.
   * @param stays copies further rows that are to stay into the table that it is given; not those that are held
   * @param planned how many rows it has to have, where that was looked at before: with other ones it is left as it is
   * @throws DomainError `conflict` with code `holds_changed` or `partition_changed` when that went on for too long, or it is not as planned; `unavailable`
   */
  async purge(
    partition: RecordPartition,
    stays: (stage: string, held: HeldRows) => Promise<void> = () => Promise.resolve(),
    planned?: number,
  ): Promise<PurgedPartition> {
    for (let tries = 1; ; tries++) {
      if (planned !== undefined && (await this.rows.recordsIn(partition.id)) !== planned) throw partitionChanged();
      try {
        return await this.purgeOnce(partition, stays, planned);
      } catch (error) {
        if (!isUntouched(error) || tries >= MOST_TRIES) throw error;
      }
    }
  }

  private async purgeOnce(
    partition: RecordPartition,
    stays: (stage: string, held: HeldRows) => Promise<void>,
    planned: number | undefined,
  ): Promise<PurgedPartition> {
    const { intent, fence } = this.guard.newIntent();
    await this.partitions.makeLike(fence, RECORDS);
    try {
      const held = await this.find(partition);
      await this.rows.keep(partition.id, held.finding, held.processes, fence);
      const heldRows = await this.rows.recordsWaiting(fence);
      await stays(fence, held);
      const [there, kept] = await Promise.all([this.rows.recordsIn(partition.id), this.rows.recordsWaiting(fence)]);
      const before = planned ?? there;
      const deletion = {
        intent,
        table: RECORDS,
        partition: partition.id,
        class: partition.class,
        seconds: SWAP_SECONDS,
      };
      return await this.guard.run(deletion, async (now) => {
        await now.mustStillBe(held.holds, partition.class);
        if ((await this.rows.recordsIn(partition.id)) !== before) throw partitionChanged();
        await this.partitions.replace(RECORDS, partition.id, fence);
        return { rows: before - kept, kept, held: heldRows, holds: held.holds.versions };
      });
    } finally {
      await this.partitions.drop(fence).catch(() => undefined); // swept later
    }
  }

  /** Finds which rows of a partition are held: what is looked up in one pass, and a pass for each hold that is asked as a query and may hold something there. */
  async find(partition: RecordPartition): Promise<HeldRows> {
    const finding = randomBytes(16).toString('hex');
    const at = Date.now() * 1000;
    const versions = await this.holds.standing(); // before the holds are read: at worst it is looked again
    const inForce = await this.holds.inForce();
    const byId = new Map(inForce.map(({ hold, version }) => [hold, version]));
    const here = inForce.filter(({ classes }) => classes.length === 0 || classes.includes(partition.class));
    if (here.some(({ kind }) => kind === 'keys' || kind === 'subject'))
      await this.rows.findByName(partition.id, finding, at);
    const own = await this.rows.processesIn(partition.id);
    const isWhole = here.some(({ kind }) => kind === 'everything');
    const whole = new Set(here.flatMap(({ kind, processes }) => (kind === 'process' ? processes : [])));
    for (const { scope } of here) {
      if (!scope || isWhole) continue;
      // What is held as a whole need not be looked at, nor what the scope does not name.
      const left = own.filter((one) => !whole.has(one) && (scope.processes?.includes(one) ?? true));
      if (left.length > 0) await this.rows.findByQuery(partition.id, finding, at, { ...scope, processes: left });
    }
    return { finding, holds: { versions, byId }, processes: isWhole ? own : own.filter((one) => whole.has(one)) };
  }
}
