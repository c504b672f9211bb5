import type { Logger } from '@nestjs/common';
import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { Repeated } from './repeated';

/** What of a workflow's contract a Schedule needs. */
interface Scheduled<I> {
  readonly name: string;
  readonly id: (input: I) => string;
}

/** When a Schedule starts its workflow. */
export interface ScheduleTerms {
  readonly everySeconds: number;
  /** What was missed so long ago is made up for, such as `1 year`; a workflow that looks back by itself needs one minute. */
  readonly catchupWindow: '1 minute' | '1 year';
  /** A run that hangs would keep all that come after it. */
  readonly longestRun?: '6h';
}

/**
 * Sees to it that a workflow has its Schedule, as these terms have it, or none. Runs never overlap. Two workers may do so at once.
 * @param terms undefined: it is to have none
 */
export async function matchSchedule<I>(
  client: Client,
  contract: Scheduled<I>,
  input: I,
  terms: ScheduleTerms | undefined,
): Promise<void> {
  const scheduleId = contract.id(input);
  const handle = client.schedule.getHandle(scheduleId);
  try {
    if (!terms) {
      await handle.delete();
      return;
    }
    const parts = partsOf(contract, input, terms);
    await handle.update((known) => ({ ...known, ...parts }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    if (!terms) return;
    const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: terms.catchupWindow } as const;
    try {
      await client.schedule.create({ scheduleId, ...partsOf(contract, input, terms), policies });
    } catch (failure) {
      if (!(failure instanceof ScheduleAlreadyRunning)) throw failure; // another worker was quicker
    }
  }
}

const AGAIN_MS = 10_000;

/** A task that tries until the one Schedule of a workflow is as these terms have it. */
export const untilScheduled = (
  client: Client,
  contract: Scheduled<undefined>,
  terms: ScheduleTerms,
  log: Logger,
): Repeated =>
  new Repeated(
    AGAIN_MS,
    async () => {
      await matchSchedule(client, contract, undefined, terms);
      return 'done';
    },
    log,
  );

function partsOf<I>(contract: Scheduled<I>, input: I, { everySeconds, longestRun }: ScheduleTerms) {
  return {
    spec: { intervals: [{ every: `${everySeconds}s` as const, offset: '1s' as const }] },
    action: {
      type: 'startWorkflow',
      workflowType: contract.name,
      workflowId: contract.id(input),
      taskQueue: 'control',
      args: input === undefined ? [] : [input],
      ...(longestRun && { workflowRunTimeout: longestRun }),
    } as const,
  };
}

const PAGE = 500;

/** Sees to it that every document of a kind that wants one has its Schedule. Versions that are known to be right are not looked at again. */
export class DocumentSchedules<T> {
  private readonly known = new Map<string, number>();

  /** @param termsOf undefined for a document that wants none */
  constructor(
    private readonly client: Client,
    private readonly contract: Scheduled<string>,
    private readonly list: (
      after: string,
      limit: number,
    ) => Promise<readonly { readonly id: string; readonly version: number; readonly body: T }[]>,
    private readonly termsOf: (body: T) => ScheduleTerms | undefined,
    private readonly log: Logger,
  ) {}

  async match(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.list(after, PAGE);
      for (const { id, version, body } of page) {
        if (this.known.get(id) === version) continue;
        try {
          await matchSchedule(this.client, this.contract, id, this.termsOf(body));
          this.known.set(id, version);
        } catch (error) {
          this.log.warn(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }
}
