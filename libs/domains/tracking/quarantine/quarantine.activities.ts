import { Context } from '@temporalio/activity';
import { microsOf } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { replayQuarantine, type ReplayState } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import type { ItemFilter, QueuePosition, ReplayedPage, ReplayProgress } from '../core/quarantine';
import { Readmission } from '../intake/readmission';
import { type NewStep, QuarantineStore } from './quarantine.store';

/** Items of a page; each may be as large as a record, and all are in memory at once. */
const PAGE = 200;
/** So that a process that was killed is noticed in seconds. */
const HEARTBEAT_MS = 1_000;

/** Steps of a replay; they run in the process that takes records in, since only that one may store them. */
@Implements(replayQuarantine)
export class QuarantineActivities implements ActivitiesOf<typeof replayQuarantine> {
  constructor(
    private readonly store: QuarantineStore,
    private readonly readmission: Readmission,
  ) {}

  async replayPage(replay: string, from: QueuePosition): Promise<ReplayedPage> {
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      return await this.page(replay, from);
    } finally {
      clearInterval(beating);
    }
  }

  private async page(replay: string, from: QueuePosition): Promise<ReplayedPage> {
    const { selection, askedBy, askedAt } = (await this.store.replay(replay))!;
    const select = JSON.parse(selection) as ItemFilter;
    const items = await this.store.items({ ...select, state: select.state ?? 'waiting' }, from, PAGE, askedAt);
    const records = await this.store.records(items);
    const results = await this.readmission.admit(items.map((item) => ({ item, record: records.get(item.item)! })));
    const at = microsOf(new Date().toISOString());
    await this.store.addSteps(
      results.map(({ item: { item }, outcome, problem }): NewStep =>
        problem
          ? { item, at, step: 'still_bad', by: askedBy, code: problem.code, field: problem.field, replay }
          : { item, at, step: outcome === 'discarded' ? 'discarded' : 'released', by: askedBy, outcome, replay },
      ),
    );
    const count = (is: (result: (typeof results)[number]) => boolean): number => results.filter(is).length;
    const last = items.at(-1);
    return {
      released: count(({ problem, wasGone }) => !problem && !wasGone),
      stillBad: count(({ problem }) => problem !== undefined),
      gone: count(({ wasGone }) => wasGone),
      next: last && items.length === PAGE ? { afterAt: last.receivedAt, after: last.item } : null,
    };
  }

  async record(replay: string, seq: number, state: ReplayState, progress: ReplayProgress): Promise<void> {
    const asked = (await this.store.replay(replay))!;
    await this.store.addReplay(replay, seq, { ...asked, state }, progress, microsOf(new Date().toISOString()));
  }
}
