import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { microsOf } from '@holdfast/kernel';
import { QuarantineStore } from './quarantine.store';

const EVERY_MS = 86_400_000;

/** Once a day, and at the start, forgets steps whose records are gone, and old replays: what they hold may be personal. */
@Injectable()
export class QuarantineUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(QuarantineUpkeep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: QuarantineStore) {}

  onApplicationBootstrap(): void {
    const purge = (): void =>
      void this.store.purge(microsOf(new Date().toISOString())).catch((error: unknown) => this.log.error(error)); // tomorrow again
    this.timer = setInterval(purge, EVERY_MS).unref();
    purge();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
