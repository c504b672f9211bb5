import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { inspectionTerms } from '@holdfast/domains/catalog/core/source';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import type { Micros } from '@holdfast/kernel';
import { clockSkews, type ClockSkew, exceeds, type HopEnvelope } from '../core/clock-skew';
import type { Observation } from '../core/finding';
import { FindingRecorder } from '../finding-recorder.service';
import { InspectionStore } from '../inspection.store';
import { HOUR, type Progress } from './slices';

const PAGE = 500;
const hourAt = (at: Micros): Micros => Math.floor(at / HOUR) * HOUR;

/** Measures the clocks of the sources hour by hour: by what was received, and by what stage followed stage. */
@Injectable()
export class ClockInspection {
  constructor(
    private readonly store: InspectionStore,
    private readonly recorder: FindingRecorder,
    private readonly catalog: CatalogService,
    private readonly sources: SourceService,
  ) {}

  /** Up to now: what is stored later is missing in one measurement of many, and not lost. */
  async run({ at: to, heartbeat }: Progress): Promise<number> {
    let seen = 0;
    // The hour that the mark is in is measured again, until it is over.
    for (let hour = hourAt((await this.store.mark('clocks'))?.inspectedTo ?? to - HOUR); hour < to; hour += HOUR) {
      const until = Math.min(to, hour + HOUR);
      const skews = clockSkews(await this.store.receipts(hour, until), await this.hops(hour, until, heartbeat));
      await this.store.putSkews(skews, hour, until);
      const observations = await this.observationsOf(skews, hour, until);
      await this.recorder.record(observations, until);
      await this.store.putMark('clocks', until);
      seen += observations.length;
      heartbeat();
    }
    return seen;
  }

  private async hops(from: Micros, to: Micros, heartbeat: () => void): Promise<HopEnvelope[]> {
    const hops: HopEnvelope[] = [];
    for (let after = ''; ;) {
      const page = await this.catalog.processes(after, PAGE);
      for (const { id, body } of page) {
        hops.push(
          ...(await this.store.hops(
            id,
            body.stages.map((stage) => stage.id),
            from,
            to,
          )),
        );
        heartbeat();
      }
      if (page.length < PAGE) return hops;
      after = page.at(-1)!.id;
    }
  }

  private async observationsOf(skews: readonly ClockSkew[], hour: Micros, until: Micros): Promise<Observation[]> {
    const sources = await this.sources.current();
    return skews.map((skew): Observation => {
      const { source, offset, uncertainty, samples } = skew;
      const { clockSkewSeconds } = inspectionTerms(sources.get(source));
      return {
        ...{ kind: 'clock_skew', begins: '', adds: false, scope: { source, process: '', stage: '' } },
        standing: exceeds(skew, clockSkewSeconds * 1_000_000) ? 'present' : 'gone',
        extent: {
          ...{ numbers: undefined, fromAt: hour, toAt: until, cases: samples },
          measures: { skewMicros: offset, uncertaintyMicros: uncertainty },
        },
      };
    });
  }
}
