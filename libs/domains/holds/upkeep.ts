import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Repeated, startOrJoin } from '@holdfast/platform/temporal';
import { legalHold } from '@holdfast/workflows/holds/legal-hold/contract';
import { Client } from '@temporalio/client';
import { HoldStore } from './hold.store';
import { IntentStore } from './intent.store';

const EVERY_MS = 60_000;
const PAGE = 500;
/** How old what deletions need is when it is taken for left over, in microseconds: they take minutes. */
const LEFT_AFTER = 86_400_000_000;

/** Sees to it that every hold that is not over has its workflow, whatever became of it: holds are in force without, but nobody would be reminded. */
@Injectable()
export class HoldUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(
    private readonly holds: HoldStore,
    private readonly intents: IntentStore,
    private readonly temporal: Client,
  ) {
    this.task = new Repeated(
      EVERY_MS,
      async () => {
        await this.match();
        await this.intents.sweep(Date.now() * 1000 - LEFT_AFTER);
      },
      new Logger(HoldUpkeep.name),
    );
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  /** Starts the workflows that are not there. */
  async match(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.holds.list(true, after, PAGE);
      for (const { hold } of page) await startOrJoin(this.temporal, legalHold, { hold });
      if (page.length < PAGE) return;
      after = page.at(-1)!.hold;
    }
  }
}
