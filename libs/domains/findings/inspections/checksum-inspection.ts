import { Injectable } from '@nestjs/common';
import type { Observation } from '../core/finding';
import { FindingRecorder } from '../finding-recorder.service';
import { InspectionStore } from '../inspection.store';
import { endOfSlice, FIRST_LOOK, HOUR, type Progress, SETTLED } from './slices';

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
    const mark = await this.store.markOr('checksums', at - FIRST_LOOK, to);
    for (let from = mark.inspectedTo; from < to;) {
      heartbeat();
      const until = endOfSlice(from, HOUR, to, mark.plannedTo);
      const observations = (await this.store.mismatches(from, until)).map(
        ({ source, process, stage, type, records, firstAt, lastAt }): Observation => ({
          ...{ kind: 'checksum_mismatch', begins: '', standing: 'present', adds: true, type },
          scope: { source, process, stage },
          extent: { numbers: undefined, fromAt: firstAt, toAt: lastAt, cases: records, measures: {} },
        }),
      );
      if (observations.length > 0) await this.store.putMark('checksums', from, until);
      await this.recorder.record(observations, until);
      await this.store.putMark('checksums', until);
      seen += observations.length;
      from = until;
    }
    return seen;
  }
}
