import { Inject, Injectable } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { newId, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { Drilled } from '@holdfast/workflows/archives/drill-archives/contract';
import { ArchiveRestorer } from './archive-restorer';
import type { Progress } from './archive-verifier.service';
import { ArchivesStore } from './archives.store';

/** Restores archives for practice: that it can be done, that it comes to the same, and how long it takes. */
@Injectable()
export class ArchiveDrill {
  constructor(
    private readonly archives: ArchivesStore,
    private readonly restorer: ArchiveRestorer,
    private readonly raiser: AlertRaiser,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** The archive whose last drill is the longest ago; '' when there is none. */
  async choose(): Promise<string> {
    return (await this.archives.nextDrill()) ?? '';
  }

  /** Restores beside everything else, compares, and takes it away again. @throws DomainError `unavailable` */
  async drill(archive: string, progress: Progress, signal?: AbortSignal): Promise<Drilled> {
    const restore = `drill-${newId()}`;
    const started = performance.now();
    try {
      const found = await this.restorer.fill(restore, archive, progress, signal);
      return { ...found, tookMs: Math.round(performance.now() - started) };
    } finally {
      await this.restorer.drop(restore);
    }
  }

  /** Keeps what came of it; a failure raises an alert, and the next drill of the archive that succeeds ends it. A repeat does nothing. */
  async record(archive: string, { fault, rows, bytes, tookMs, number }: Drilled, at: Micros): Promise<void> {
    const failedBefore = (await this.archives.drills(archive, 1)).find(({ state }) => state === 'failed');
    const state = fault === '' ? 'passed' : 'failed';
    await this.archives.keepDrill({ archive, atMicros: at, state, fault, rows, bytes, tookMs });
    if (state === 'failed') await this.alert(archive, fault, number, at);
    else if (failedBefore)
      await this.raiser.end(alertId(archive, failedBefore.atMicros), { by: '', reason: 'healed', at });
  }

  private async alert(archive: string, fault: string, number: number, at: Micros): Promise<void> {
    const { HOLDFAST_ARCHIVE_DRILL_POLICY: policy } = this.configuration;
    if (policy === undefined) return;
    const where = number >= 0 ? ` (object ${number})` : '';
    await this.raiser.raise(
      [
        {
          alert: {
            ...{ alertId: alertId(archive, at), fingerprint: `archive-${archive}`, process: '' },
            ...{ severity: 'critical', policy, subject: { kind: 'archive', id: archive } },
            labels: { archive, fault },
            facts: { open: 1, revision: 0 },
          },
          context: { summary: `Archive ${archive} cannot be restored: ${fault}${where}`, since: at },
        },
      ],
      at,
    );
  }
}

const alertId = (archive: string, at: Micros): string => `archive-${archive}.${at}`;
