import { Injectable } from '@nestjs/common';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import type { Micros } from '@holdfast/kernel';
import { gapObservation, TOLD_AHEAD } from './core/gap-finding';
import { OnCallService } from './on-call.service';

/** Tells findings of gaps before they happen. */
@Injectable()
export class GapWatch {
  constructor(
    private readonly onCall: OnCallService,
    private readonly recorder: FindingRecorder,
  ) {}

  /** @returns schedules whose gaps are told */
  async watch(at: Micros): Promise<number> {
    const ahead = await this.onCall.everyGap(at, at + TOLD_AHEAD);
    const observations = ahead.map(({ id, definition, gaps }) => gapObservation(id, definition, gaps, at));
    await this.recorder.record(observations, at);
    return observations.filter(({ standing }) => standing === 'present').length;
  }
}
