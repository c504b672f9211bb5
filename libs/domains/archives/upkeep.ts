import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { matchSchedule, Repeated } from '@holdfast/platform/temporal';
import { drillArchives } from '@holdfast/workflows/archives/drill-archives/contract';
import { Client } from '@temporalio/client';
import { ArchiveStorage } from './archive-storage';

const AGAIN_MS = 10_000;

/** Sees to it that there is the Schedule of drills where an installation archives, and none where it does not. */
@Injectable()
export class ArchivesUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: Repeated;

  constructor(
    temporal: Client,
    storage: ArchiveStorage,
    @Inject(CONFIGURATION) { HOLDFAST_ARCHIVE_DRILL_EVERY_SECONDS: everySeconds }: Configuration,
  ) {
    // A drill that was missed is made up for by the next.
    const terms = storage.isConfigured ? ({ everySeconds, catchupWindow: '1 minute' } as const) : undefined;
    const match = async () => {
      await matchSchedule(temporal, drillArchives, undefined, terms);
      return 'done' as const;
    };
    this.task = new Repeated(AGAIN_MS, match, new Logger(ArchivesUpkeep.name));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }
}
