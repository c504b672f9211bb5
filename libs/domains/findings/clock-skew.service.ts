import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { InspectionStore, type MeasuredSkew } from './inspection.store';

const HOUR: Micros = 3_600_000_000;
/** A clock that was not measured for longer than this is believed again. */
const LASTS: Micros = 24 * HOUR;

/** How far a source's clock was ahead at a time, in microseconds; 0 where that is not known, or not beyond what is not known. */
export type SkewAt = (source: string, at: Micros) => Micros;

/** What was measured of the clocks of sources. */
@Injectable()
export class ClockSkewService {
  constructor(private readonly store: InspectionStore) {}

  /** @param from, to when what is to be corrected was received */
  async between(sources: Iterable<string>, from: Micros, to: Micros): Promise<SkewAt> {
    const names = [...new Set(sources)];
    if (names.length === 0) return () => 0;
    const measured = new Map<string, MeasuredSkew[]>();
    for (const one of await this.store.skews(names, from - LASTS, to))
      measured.set(one.source, [...(measured.get(one.source) ?? []), one]);
    return (source, at) => {
      const last = measured.get(source)?.findLast(({ hour }) => hour <= at);
      return last && at - last.hour < LASTS && Math.abs(last.offset) > last.uncertainty ? last.offset : 0;
    };
  }
}
