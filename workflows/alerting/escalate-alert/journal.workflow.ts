import type { Happening, Transition } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import { CancellationScope } from '@temporalio/workflow';
import { escalateAlert } from './contract';

const { record } = activitiesOf(escalateAlert);

export interface Journal {
  /** The promise is that it can be read. */
  note(happening: Happening, at?: Micros): Promise<void>;
  /** When all that was noted can be read. */
  written(): Promise<void>;
  /** The number of what was noted last. */
  lastSeq(): number;
}

/** Writes what happens in its order, without holding up what comes next. `open` wrote number 0. */
export function journalOf(alertId: string, lastSeq: number): Journal {
  const waiting: Transition[] = [];
  let last = lastSeq;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) await record({ alertId, transitions: waiting.splice(0) });
    writing = undefined;
  }
  return {
    note: (happening, at = Date.now() * 1000) => {
      waiting.push({ ...happening, seq: (last += 1), at });
      // Signals run in the workflow's own scope, which may be cancelled.
      return (writing ??= CancellationScope.nonCancellable(write));
    },
    written: async () => writing,
    lastSeq: () => last,
  };
}
