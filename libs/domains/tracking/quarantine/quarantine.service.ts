import { Injectable } from '@nestjs/common';
import { DomainError, microsOf, newId, type Micros } from '@holdfast/kernel';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { startOrJoin } from '@holdfast/platform/temporal';
import { replayQuarantine, stop } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Rejection } from '../core/event';
import {
  boundedPage,
  type ItemFilter,
  NO_PROGRESS,
  QUEUE_START,
  type QuarantineStep,
  type QueuedItem,
  type QueuePosition,
  type RecordedReplay,
} from '../core/quarantine';
import { Readmission } from '../intake/readmission';
import { Departures } from './departures';
import { MOST_ITEMS } from './quarantine.schemas';
import { type Assigned, QuarantineStore, type WaitingCount } from './quarantine.store';

/** Which items a request is for, and behind which place of the queue. */
export interface Part {
  readonly select: ItemFilter;
  readonly from: QueuePosition;
}
/** What a request did to part of a selection. */
export interface Changed {
  readonly items: number;
  /** Where the rest of the selection begins; null when there is none. */
  readonly next: QueuePosition | null;
}
/** Behind every step of a replay. */
const LAST = 4_294_967_295;
/** Of work that does not read what the records hold. */
const WITHOUT_RECORDS = { items: MOST_ITEMS, bytes: Infinity };

export interface ItemStory {
  readonly item: QueuedItem;
  readonly steps: readonly QuarantineStep[];
  readonly preview: unknown;
  readonly problem: Rejection | undefined;
}

/** What stewards do with records in quarantine. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly store: QuarantineStore,
    private readonly readmission: Readmission,
    private readonly departures: Departures,
    private readonly privacy: PrivacyService,
    private readonly temporal: Client,
  ) {}

  async items(filter: ItemFilter, from: QueuePosition, limit: number): Promise<QueuedItem[]> {
    await this.departures.settled();
    return this.store.items(filter, from, limit);
  }

  async waiting(of: Assigned): Promise<WaitingCount[]> {
    await this.departures.settled();
    return this.store.waiting(of);
  }

  /** @throws DomainError `not_found` */
  async story(id: string): Promise<ItemStory> {
    const [item] = await this.items({ items: [id] }, QUEUE_START, 1);
    if (!item) throw new DomainError('not_found', 'item_not_found', 'there is no such record in quarantine');
    const [steps, records] = await Promise.all([this.store.steps(item), this.store.records([item])]);
    const record = records.get(id)!;
    const [problem] = await this.readmission.check([{ item, record }]);
    return { item, steps, preview: this.privacy.redact(record), problem };
  }

  /** @param assignee '' for nobody */
  assign(part: Part, assignee: string, by: string): Promise<Changed> {
    return this.changed(part, async (items) => {
      const at = now();
      await this.store.addSteps(items.map((of) => ({ of, at, step: 'assigned', by, assignee })));
      return items.length;
    });
  }

  /** Gives records up: they count as rejected from now on. */
  discard(part: Part, reason: string, by: string): Promise<Changed> {
    return this.changed(part, async (items) => {
      const left = await this.departures.leave(items, { by, reason, as: 'discarded' }, () =>
        this.readmission.discard(items),
      );
      return left.filter(({ outcome }) => outcome === 'discarded').length;
    });
  }

  /** Changes those of the selected items that wait, oldest first, as many as a request may. @param change says how many it has changed */
  private changed({ select, from }: Part, change: (items: readonly QueuedItem[]) => Promise<number>): Promise<Changed> {
    return this.departures.turn(async () => {
      const filter: ItemFilter = { ...select, state: select.state ?? 'waiting' };
      const { items, next } = boundedPage(await this.store.items(filter, from, MOST_ITEMS + 1), WITHOUT_RECORDS);
      return { items: await change(items), next };
    });
  }

  /** Starts a replay of the records that are selected and wait. @returns its id */
  async startReplay(select: ItemFilter, by: string): Promise<string> {
    const replay = newId();
    const asked = { state: 'running', selection: JSON.stringify(select), askedBy: by, askedAt: now() } as const;
    await this.store.addReplay(replay, 0, asked, NO_PROGRESS, asked.askedAt);
    await startOrJoin(this.temporal, replayQuarantine, { replay, from: QUEUE_START, progress: NO_PROGRESS, pages: 0 });
    return replay;
  }

  /** As far as it is recorded; a running one is up to ten pages further. @throws DomainError `not_found` */
  async replay(replay: string): Promise<RecordedReplay> {
    const found = await this.store.replay(replay);
    if (!found) throw new DomainError('not_found', 'replay_not_found', 'there is no such replay');
    return found;
  }

  /** Ends a replay after the page that is under way; one that has ended stays as it is. @throws DomainError `not_found` */
  async stopReplay(replay: string): Promise<RecordedReplay> {
    const found = await this.replay(replay);
    if (found.state !== 'running') return found;
    try {
      const workflowId = replayQuarantine.id({ replay, from: QUEUE_START, progress: NO_PROGRESS, pages: 0 });
      await this.temporal.workflow.getHandle(workflowId).signal(stop);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const last = await this.replay(replay);
      // It has ended meanwhile, or was never begun.
      if (last.state === 'running')
        await this.store.addReplay(replay, LAST, { ...last, state: 'stopped' }, last, now());
    }
    return this.replay(replay);
  }
}

const now = (): Micros => microsOf(new Date().toISOString());
