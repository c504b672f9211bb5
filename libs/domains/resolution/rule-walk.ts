import { Injectable } from '@nestjs/common';
import { isDecidable } from '@holdfast/domains/reconciliation/core/window';
import {
  FIRST_DISCREPANCY,
  type KnownDiscrepancy,
  SettlementService,
} from '@holdfast/domains/reconciliation/settlement.service';
import type { Micros } from '@holdfast/kernel';
import type { Case, Choice, Circumstances, Rulebook } from './core/rule';
import { ResolutionStore } from './resolution.store';

/** Discrepancies that are read, judged by rules and written at once. */
const PAGE = 5_000;
/** A replay that has not ended by then was ended by force. It may settle for seven days. */
const LONGEST_REPLAY: Micros = 8 * 86_400_000_000;

/** One revision of a window that rules are asked about. */
export interface Asked {
  readonly reconciliation: string;
  readonly process: string;
  /** The window's end. */
  readonly to: Micros;
  readonly judgement: string;
  readonly at: Micros;
  /** What the ids of decisions that are being made end with: what they accepted before a repeat was open when they began. */
  readonly suffix: string;
  /** Asked about all, what was accepted too: what would have been decided. */
  readonly evenAccepted?: true;
}
export interface Chosen {
  readonly one: KnownDiscrepancy;
  readonly choice: Choice;
}

/** Asks rules about the open discrepancies of a revision, page by page: memory holds one page, whatever the window holds. */
@Injectable()
export class RuleWalk {
  constructor(
    private readonly settlement: SettlementService,
    private readonly store: ResolutionStore,
  ) {}

  async *choices(asked: Asked, book: Rulebook, signal?: AbortSignal): AsyncGenerator<Chosen[]> {
    const now = await this.circumstances(asked, book, signal);
    for await (const page of this.open(asked, signal)) {
      const replays = book.replays ? await this.replaysOf(asked, page) : undefined;
      yield page.map((one) => {
        const found = (rule: string) => replays?.get(nameOf(rule, one)) ?? { replays: 0, pending: 0 };
        const known: Case = {
          ...one,
          replays: (rule) => ({ tried: found(rule).replays, isUnderWay: found(rule).pending > 0 }),
        };
        return { one, choice: book.choose(known, now) };
      });
    }
  }

  private async circumstances(asked: Asked, book: Rulebook, signal?: AbortSignal): Promise<Circumstances> {
    const { process, to, at } = asked;
    const counts = new Map<string, number>();
    if (book.needsCounts)
      for await (const page of this.open(asked, signal))
        for (const rule of book.rules)
          if (rule.match.count)
            counts.set(rule.id, (counts.get(rule.id) ?? 0) + page.filter((one) => book.isAbout(rule, one)).length);
    const reached = book.needsReached ? await this.settlement.reached(process, to) : new Map<string, Micros>();
    return { process, to, at, counts, reached };
  }

  private async *open(
    { reconciliation, judgement, suffix, evenAccepted }: Asked,
    signal?: AbortSignal,
  ): AsyncGenerator<KnownDiscrepancy[]> {
    for (let place = FIRST_DISCREPANCY; ;) {
      signal?.throwIfAborted();
      const page = await this.settlement.discrepancies(reconciliation, judgement, place, PAGE);
      const isOpen = ({ kind, acceptance }: KnownDiscrepancy): boolean =>
        isDecidable(kind) && (evenAccepted === true || acceptance === '' || acceptance.endsWith(suffix));
      yield page.filter(isOpen);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      place = { afterKey: last.key, afterStage: last.stage, afterKind: last.kind };
    }
  }

  private async replaysOf({ reconciliation, suffix, at }: Asked, page: readonly KnownDiscrepancy[]) {
    const keys = [...new Set(page.map(({ key }) => key))];
    const rows = keys.length === 0 ? [] : await this.store.replays(reconciliation, keys, suffix, at - LONGEST_REPLAY);
    return new Map(rows.map((row) => [nameOf(row.rule, row), row]));
  }
}

const nameOf = (rule: string, { key, stage, kind }: Record<'key' | 'stage' | 'kind', string>): string =>
  JSON.stringify([rule, key, stage, kind]);
