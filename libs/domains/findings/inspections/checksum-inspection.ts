import { Injectable } from '@nestjs/common';
import type { Observation } from '../core/finding';
import { FindingRecorder } from '../finding-recorder';
import { InspectionStore } from '../inspection.store';
import { FIRST_LOOK, HOUR, type Progress, SETTLED } from './slices';

/** Makes findings of records whose data is not what their digest says: intake has compared them. */
@Injectable()
export class ChecksumInspection {
  constructor(
    private readonly store: InspectionStore,
    private readonly recorder: FindingRecorder,
  ) {}

  async run({ at, heartbeat }: Progress): Promise<number> {
    const to = at - SETTLED;
    let seen = 0;
    for (let from = (await this.store.mark('checksums')) ?? at - FIRST_LOOK; from < to;) {
      heartbeat();
      const until = Math.min(to, from + HOUR);
      const observations = (await this.store.mismatches(from, until)).map(
        ({ source, process, stage, type, records, firstAt, lastAt }): Observation => ({
          ...{ kind: 'checksum_mismatch', begins: '', standing: 'present', adds: true, type },
          scope: { source, process, stage },
          extent: { numbers: undefined, fromAt: firstAt, toAt: lastAt, cases: records, measures: {} },
        }),
      );
      await this.recorder.record(observations, until);
      await this.store.putMark('checksums', until);
      seen += observations.length;
      from = until;
    }
    return seen;
  }
}
