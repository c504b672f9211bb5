import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ClickHouse, Partitions } from '@holdfast/platform/clickhouse';
import type { HoldVersion } from './core/hold';
import { type DeletionIntent, isFence } from './core/intent';
import { mayHold } from './core/scope';
import { HoldStore } from './hold.store';
import { type EndedIntent, IntentStore } from './intent.store';

const POLL_MS = 10;
/** How much longer than a deletion may take is waited for it. */
const SLACK_MS = 200;

/** A deletion that was under way when a hold was placed, and touched what it may hold. */
export interface MetDeletion {
  readonly table: string;
  readonly partition: string;
  readonly class: string;
  /** Rows that went; null: it was cut off, and may have deleted all of the partition or nothing. */
  readonly rows: number | null;
}

/** Puts holds in force: the half of the protocol that meets `DeletionGuardService`. */
@Injectable()
export class HoldEnforcer {
  private readonly partitions: Partitions;

  constructor(
    clickhouse: ClickHouse,
    private readonly holds: HoldStore,
    private readonly intents: IntentStore,
  ) {
    this.partitions = new Partitions(clickhouse);
  }

  /**
   * When this returns, nothing that the version holds is deleted any more, by anybody.
   * @returns deletions that had begun before it was in force
   */
  async enforce(version: HoldVersion): Promise<MetDeletion[]> {
    await this.holds.append(version);
    return this.meet(version);
  }

  private async meet({ terms }: HoldVersion): Promise<MetDeletion[]> {
    const since = performance.now(); // no clock of people: those are set back
    const open = (await this.intents.open()).filter((one) => one.class === '' || mayHold(terms.scope, one.class));
    const waiting = new Map(open.map((one) => [one.intent, one]));
    const met: MetDeletion[] = [];
    while (waiting.size > 0) {
      const overdue = [...waiting.values()].filter((one) => performance.now() - since > one.seconds * 1000 + SLACK_MS);
      await Promise.all(overdue.map((one) => this.fenceOff(one)));
      for (const ended of await this.intents.ended([...waiting.keys()])) {
        met.push(...metBy(waiting.get(ended.intent)!, ended));
        waiting.delete(ended.intent);
      }
      if (waiting.size > 0) await pause(POLL_MS);
    }
    return met;
  }

  /** Its owner has died, or is asleep: without its table the deletion fails, should it ever come. */
  private async fenceOff(intent: DeletionIntent): Promise<void> {
    if (isFence(intent.fence)) await this.partitions.drop(intent.fence);
    await this.intents.note(intent, 'expired', 0, Date.now() * 1000);
  }
}

function metBy({ table, partition, class: of }: DeletionIntent, { step, rows }: EndedIntent): MetDeletion[] {
  if (step === 'failed' || (step === 'done' && rows === 0)) return [];
  return [{ table, partition, class: of, rows: step === 'done' ? rows : null }];
}
