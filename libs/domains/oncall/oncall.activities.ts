import type { Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { watchGaps } from '@holdfast/workflows/oncall/watch-gaps/contract';
import { GapWatch } from './gap-watch';

/** The step of looking ahead. */
@Implements(watchGaps)
export class OnCallActivities implements ActivitiesOf<typeof watchGaps> {
  constructor(private readonly gaps: GapWatch) {}

  watch(at: Micros): Promise<number> {
    return this.gaps.watch(at);
  }
}
