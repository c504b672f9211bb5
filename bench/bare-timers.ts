import { randomUUID } from 'node:crypto';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Client, WorkflowHandle } from '@temporalio/client';

/** Nobody works on it: a timer that is over leaves a task there. */
const QUEUE = 'bare-timers';
const DELAY_S = 20;

/** Timers of the Temporal server with nothing behind them: workflows that start later, and that no worker takes. */
export class BareTimers {
  private constructor(private readonly timers: readonly WorkflowHandle[]) {}

  /** Returns when all are set. @param perSecond how many are over in each second */
  static async start(temporal: Client, perSecond: number, count: number): Promise<BareTimers> {
    const timers: WorkflowHandle[] = [];
    for (let i = 0; i < count; i++)
      timers.push(
        await temporal.workflow.start('bareTimer', {
          taskQueue: QUEUE,
          workflowId: `bare-timer-${randomUUID()}`,
          startDelay: DELAY_S * 1000 + (i / perSecond) * 1000,
        }),
      );
    return new BareTimers(timers);
  }

  /** Milliseconds by which each was late; ends them. To be asked when all are over. */
  async lateness(): Promise<number[]> {
    const late: number[] = [];
    for (const timer of this.timers) {
      const { events = [] } = await timer.fetchHistory();
      const started = events?.find((one) => one.workflowExecutionStartedEventAttributes);
      const scheduled = events?.find((one) => one.workflowTaskScheduledEventAttributes);
      const delay = started?.workflowExecutionStartedEventAttributes?.firstWorkflowTaskBackoff;
      if (scheduled) late.push(tsToMs(scheduled.eventTime) - tsToMs(started?.eventTime) - tsToMs(delay));
      await timer.terminate();
    }
    return late;
  }
}
