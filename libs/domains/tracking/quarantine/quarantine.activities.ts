import { Context } from '@temporalio/activity';
import { microsOf } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { replayQuarantine, type ReplayState } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import {
  boundedPage,
  type ItemFilter,
  type QueuePosition,
  type ReplayedPage,
  type ReplayProgress,
} from '../core/quarantine';
import { Readmission } from '../intake/readmission';
import { Departures } from './departures';
import { PAGE_BYTES } from './quarantine.schemas';
import { QuarantineStore } from './quarantine.store';

/** Fewer than a request has: a replay is stopped between two pages, and others wait for their turn. */
const PAGE = { items: 200, bytes: PAGE_BYTES };
/** So that a process that was killed is noticed in seconds. */
const HEARTBEAT_MS = 1_000;

/** Steps of a replay; they run in the process that takes records in, since only that one may store them. */
@Implements(replayQuarantine)
export class QuarantineActivities implements ActivitiesOf<typeof replayQuarantine> {
  constructor(
    private readonly store: QuarantineStore,
    private readonly readmission: Readmission,
    private readonly departures: Departures,
  ) {}

  async replayPage(replay: string, from: QueuePosition): Promise<ReplayedPage> {
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      return await this.departures.turn(() => this.page(replay, from));
    } finally {
      clearInterval(beating);
    }
  }

  /** Counts what the replay made of the page's records whenever it did: what a try that was cut short let out is not among those that wait any more. */
  private async page(replay: string, from: QueuePosition): Promise<ReplayedPage> {
    const { selection, askedBy: by, askedAt } = (await this.store.replay(replay))!;
    const select = JSON.parse(selection) as ItemFilter;
    const filter: ItemFilter = { ...select, state: select.state ?? 'waiting' };
    const { items, next } = boundedPage(await this.store.items(filter, from, PAGE.items + 1, askedAt), PAGE);
    const sizes = items.map(({ size }) => size);
    await this.readmission.holdingInTime(sizes, () =>
      this.departures.leave(items, { by, replay, as: 'mended' }, async () => {
        const records = await this.store.records(items);
        return this.readmission.admit(items.map((item) => ({ item, record: records.get(item.item)! })));
      }),
    );
    return { ...(await this.store.replayed(replay, from, next)), next };
  }

  async record(replay: string, seq: number, state: ReplayState, progress: ReplayProgress): Promise<void> {
    const asked = (await this.store.replay(replay))!;
    await this.store.addReplay(replay, seq, { ...asked, state }, progress, microsOf(new Date().toISOString()));
  }
}
