import { Injectable } from '@nestjs/common';
import { DomainError, microsOf } from '@holdfast/kernel';
import type { Operation } from 'rfc6902';
import {
  boundedPage,
  type ItemFilter,
  positionOf,
  QUEUE_START,
  type QueuedItem,
  type QueuePage,
  type QueuePosition,
} from '../core/quarantine';
import { Readmission, type Mended } from '../intake/readmission';
import { Departures } from './departures';
import { PatchError, patchRecord } from './patch-record';
import { MOST_ITEMS, PAGE_BYTES } from './quarantine.schemas';
import { type NewStep, QuarantineStore } from './quarantine.store';

export interface PatchOrder {
  readonly select: ItemFilter;
  /** Behind which place of the queue. */
  readonly from: QueuePosition;
  readonly patch: readonly Operation[];
  /** By id, the versions that the patch was made on. */
  readonly versions: Readonly<Record<string, number>>;
  /** Says what would become of the records, and changes nothing. */
  readonly dryRun: boolean;
}
/** What a patch came to. */
export interface Patched {
  readonly mended: number;
  readonly stillBad: number;
  readonly inapplicable: number;
  /** Items that were named and do not wait. */
  readonly gone: number;
  readonly problems: readonly ItemProblem[];
  /** Where the rest of the selection begins; null when there is none. */
  readonly next: QueuePosition | null;
}
interface ItemProblem {
  readonly item: string;
  readonly code: string;
  readonly field: string;
  readonly reason: string;
}

const MOST_NAMED = 100;
const PAGE = { items: MOST_ITEMS, bytes: PAGE_BYTES };
/** How long records are patched before others have a turn, in ms. */
const TURN_MS = 5;

/** Patches of records in quarantine. Each is made on the record as it is in the patch's turn: patches of one record come one after the other, and none is lost. */
@Injectable()
export class PatchService {
  constructor(
    private readonly store: QuarantineStore,
    private readonly readmission: Readmission,
    private readonly departures: Departures,
  ) {}

  /**
   * Patches records that wait, a page of them, and keeps those that hold to everything afterwards. The others are left as they are.
   * @throws DomainError `invalid` when nothing of the whole selection was mended, naming the first problems; `conflict` when a record is not at the version
   * that it is named with; `too_many_requests` when intake's memory is full
   */
  patch(order: PatchOrder, by: string): Promise<Patched> {
    return order.dryRun ? this.page(order, by) : this.departures.turn(() => this.page(order, by));
  }

  private async page(order: PatchOrder, by: string): Promise<Patched> {
    const { select, from, dryRun } = order;
    await this.mustBeUnchanged(order);
    const gone = from === QUEUE_START ? await this.gone(select) : [];
    const state = select.state ?? (select.items ? 'waiting' : 'open');
    const page = boundedPage(await this.store.items({ ...select, state }, from, PAGE.items + 1), PAGE);
    const sizes = page.items.map(({ size }) => size);
    const { mended, stillBad, inapplicable, next } = await this.readmission.holding(sizes, () =>
      this.mend(page, order, by),
    );
    const answer: Omit<Patched, 'next'> = {
      mended,
      stillBad: stillBad.length,
      inapplicable: inapplicable.length,
      gone: gone.length,
      problems: [...gone, ...inapplicable, ...stillBad].slice(0, MOST_NAMED),
    };
    // Of a selection that takes several requests, others may mend something.
    if (!dryRun && mended === 0 && from === QUEUE_START && !next)
      throw new DomainError('invalid', 'patch_mends_nothing', 'no record holds to everything after the patch', {
        extra: { ...answer },
      });
    return { ...answer, next };
  }

  private async mend(page: QueuePage, { patch, dryRun }: PatchOrder, by: string) {
    const records = await this.store.records(page.items);
    const { patched, inapplicable, next } = await patchPage(page, records, patch);
    const checked = await this.readmission.check(patched);
    const mended = patched.filter((_, index) => checked[index] === undefined);
    const stillBad = checked.flatMap((problem, index): ItemProblem[] =>
      problem ? [{ item: patched[index]!.item.item, ...problem }] : [],
    );
    const at = microsOf(new Date().toISOString());
    if (!dryRun)
      await this.store.addSteps(
        mended.map(({ item: of, record }): NewStep => ({ of, at, step: 'patched', by, record: record.toString() })),
      );
    return { mended: mended.length, stillBad, inapplicable, next };
  }

  private async mustBeUnchanged({ versions }: PatchOrder): Promise<void> {
    const named = Object.keys(versions);
    if (named.length === 0) return;
    const problems = (await this.named(named)).flatMap(({ item, found }): ItemProblem[] => {
      if (!found) return [{ item, ...NOT_FOUND }];
      if (hasLeft(found)) return [{ item, ...GONE }];
      if (found.version === versions[item]) return [];
      return [{ item, code: 'item_changed', field: 'versions', reason: `it is at version ${found.version} now` }];
    });
    if (problems.length > 0)
      throw new DomainError('conflict', 'item_changed', 'a record has changed since the patch was made for it', {
        extra: { problems: problems.slice(0, MOST_NAMED) },
      });
  }

  /** Those of the named items that do not wait. */
  private async gone({ items }: ItemFilter): Promise<ItemProblem[]> {
    return (await this.named(items ?? [])).flatMap(({ item, found }): ItemProblem[] =>
      found ? (hasLeft(found) ? [{ item, ...GONE }] : []) : [{ item, ...NOT_FOUND }],
    );
  }

  private async named(items: readonly string[]) {
    if (items.length === 0) return [];
    const all = await this.store.items({ items }, QUEUE_START, items.length);
    const found = new Map(all.map((item) => [item.item, item]));
    return items.map((item) => ({ item, found: found.get(item) }));
  }
}

const hasLeft = ({ state }: QueuedItem): boolean => state === 'released' || state === 'discarded';
const GONE = { code: 'item_gone', field: 'items', reason: 'has left quarantine' };
const NOT_FOUND = { code: 'item_not_found', field: 'items', reason: 'is not in quarantine' };

/** A page's records after a patch. It ends earlier than the page where the patch makes the records so much longer. */
async function patchPage(page: QueuePage, records: ReadonlyMap<string, Buffer>, patch: readonly Operation[]) {
  const patched: Mended<QueuedItem>[] = [];
  const inapplicable: ItemProblem[] = [];
  let bytes = 0;
  let turn = performance.now();
  for (const [index, item] of page.items.entries()) {
    if (performance.now() - turn > TURN_MS) {
      await new Promise(setImmediate);
      turn = performance.now();
    }
    try {
      const record = patchRecord(records.get(item.item)!, patch);
      bytes += record.length;
      if (bytes > PAGE.bytes && index > 0) return { patched, inapplicable, next: positionOf(page.items[index - 1]!) };
      patched.push({ item, record });
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      const field = `patch.${error.operation}`;
      inapplicable.push({ item: item.item, code: 'inapplicable_patch', field, reason: error.message });
    }
  }
  return { patched, inapplicable, next: page.next };
}
