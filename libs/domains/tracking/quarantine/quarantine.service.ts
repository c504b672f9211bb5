import { Injectable } from '@nestjs/common';
import { DomainError, microsOf, newId, type Micros } from '@holdfast/kernel';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { startOrJoin } from '@holdfast/platform/temporal';
import { replayQuarantine, stop } from '@holdfast/workflows/tracking/replay-quarantine/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Operation } from 'rfc6902';
import type { Rejection } from '../core/event';
import {
  type ItemFilter,
  NO_PROGRESS,
  QUEUE_START,
  type QuarantineStep,
  type QueuedItem,
  type QueuePosition,
  type RecordedReplay,
} from '../core/quarantine';
import { Readmission } from '../intake/readmission';
import { PatchError, patchRecord } from './patch-record';
import { MOST_ITEMS } from './quarantine.schemas';
import { type NewStep, QuarantineStore, type WaitingCount } from './quarantine.store';

/** What a patch came to. */
export interface Patched {
  readonly mended: number;
  readonly stillBad: number;
  readonly inapplicable: number;
  readonly problems: readonly { item: string; code: string; field: string; reason: string }[];
}
const MOST_NAMED = 100;
/** Behind every step of a replay. */
const LAST = 4_294_967_295;

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
    private readonly privacy: PrivacyService,
    private readonly temporal: Client,
  ) {}

  items(filter: ItemFilter, from: QueuePosition, limit: number): Promise<QueuedItem[]> {
    return this.store.items(filter, from, limit);
  }

  waiting(): Promise<WaitingCount[]> {
    return this.store.waiting();
  }

  /** @throws DomainError `not_found` */
  async story(id: string): Promise<ItemStory> {
    const [[item], steps] = await Promise.all([
      this.store.items({ items: [id] }, QUEUE_START, 1),
      this.store.steps(id),
    ]);
    if (!item) throw new DomainError('not_found', 'item_not_found', 'there is no such record in quarantine');
    const record = (await this.store.records([item])).get(id)!;
    const [problem] = await this.readmission.check([{ item, record }]);
    return { item, steps, preview: this.privacy.redact(record), problem };
  }

  /** @param assignee '' for nobody. @returns how many items were assigned */
  async assign(select: ItemFilter, assignee: string, by: string): Promise<number> {
    const items = await this.selected(select);
    await this.store.addSteps(items.map(({ item }) => ({ item, at: now(), step: 'assigned', by, assignee })));
    return items.length;
  }

  /**
   * Patches records that wait, and keeps those that hold to everything afterwards. The others are left as they are.
   * @throws DomainError `invalid` when nothing was mended, naming the first problems
   */
  async patch(select: ItemFilter, patch: readonly Operation[], dryRun: boolean, by: string): Promise<Patched> {
    const items = await this.selected(select, select.items ? 'waiting' : 'open');
    const records = await this.store.records(items);
    const patched: { item: QueuedItem; record: Buffer }[] = [];
    const problems: { item: string; code: string; field: string; reason: string }[] = [];
    for (const item of items) {
      try {
        patched.push({ item, record: patchRecord(records.get(item.item)!, patch) });
      } catch (error) {
        if (!(error instanceof PatchError)) throw error;
        const field = `patch.${error.operation}`;
        problems.push({ item: item.item, code: 'inapplicable_patch', field, reason: error.message });
      }
    }
    const inapplicable = problems.length;
    const checked = await this.readmission.check(patched);
    const mended = patched.filter((_, index) => checked[index] === undefined);
    for (const [index, problem] of checked.entries())
      if (problem) problems.push({ item: patched[index]!.item.item, ...problem });
    if (!dryRun)
      await this.store.addSteps(
        mended.map(({ item: { item }, record }): NewStep => ({
          item,
          at: now(),
          step: 'patched',
          by,
          record: record.toString(),
        })),
      );
    const answer: Patched = {
      mended: mended.length,
      stillBad: patched.length - mended.length,
      inapplicable,
      problems: problems.slice(0, MOST_NAMED),
    };
    if (!dryRun && mended.length === 0)
      throw new DomainError('invalid', 'patch_mends_nothing', 'no record holds to everything after the patch', {
        extra: { ...answer },
      });
    return answer;
  }

  /** Gives records up: they count as rejected from now on. @returns how many */
  async discard(select: ItemFilter, reason: string, by: string): Promise<number> {
    const items = await this.selected(select);
    const discarded = await this.readmission.discard(items);
    await this.store.addSteps(discarded.map(({ item }) => ({ item, at: now(), step: 'discarded', by, reason })));
    return discarded.length;
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

  /** Those of the selected items that wait, oldest first, as many as a request may change. */
  private selected(select: ItemFilter, unlessSaid: ItemFilter['state'] = 'waiting'): Promise<QueuedItem[]> {
    return this.store.items({ ...select, state: select.state ?? unlessSaid }, QUEUE_START, MOST_ITEMS);
  }
}

const now = (): Micros => microsOf(new Date().toISOString());
