import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Revision } from '@holdfast/domains/reconciliation/core/revision';
import { SettlementService } from '@holdfast/domains/reconciliation/settlement.service';
import { invalid, type Micros } from '@holdfast/kernel';
import { Rulebook, type RuleDefinition } from './core/rule';
import { RuleService } from './rule.service';
import { RuleWalk } from './rule-walk';

export interface Trial {
  readonly id: string;
  readonly rule: RuleDefinition;
  readonly process: string;
  readonly from: Micros;
  readonly to: Micros;
  /** As if there were no other rules. */
  readonly alone: boolean;
}

interface Tried {
  readonly reconciliation: string;
  readonly revision: number;
  readonly judgedAt: Micros;
  readonly discrepancies: number;
  readonly decides: number;
  readonly byOthers: number;
  readonly undecided: number;
}

/** What one trial looks at: it is answered at once. */
const MOST_WINDOWS = 500;
const MOST_DISCREPANCIES = 200_000;
const MOST_EXAMPLES = 20;
const REVISIONS = 100;
/** Above every revision. */
const NEWEST = 4_294_967_295;

/** What a rule would have decided about windows of the past. Reads, and does nothing. */
@Injectable()
export class RuleTrialService {
  constructor(
    private readonly rules: RuleService,
    private readonly walk: RuleWalk,
    private readonly settlement: SettlementService,
    private readonly catalog: CatalogService,
  ) {}

  /** @throws DomainError `invalid` when the rule cannot be used, or there is no such process */
  async try({ id, rule, process, from, to, alone }: Trial) {
    if ((await this.catalog.findProcesses([process])).length === 0)
      throw invalid('unknown_process', 'there is no such process', [{ field: 'process', reason: 'does not exist' }]);
    await this.rules.check(rule, 'rule.');
    const others = alone ? [] : (await this.rules.rules()).filter((one) => one.id !== id);
    const book = new Rulebook([...others, { ...rule, enabled: true, id, version: 0 }], process);
    const windows: Tried[] = [];
    const examples: { reconciliation: string; key: string; kind: string; stage: string }[] = [];
    let seen = 0;
    let complete = true;
    for await (const window of this.settlement.windowsWithin(process, from, to)) {
      const revision = await this.lastWithGaps(window.reconciliation);
      if (!revision) continue;
      if (windows.length >= MOST_WINDOWS || seen + revision.open + revision.accepted > MOST_DISCREPANCIES) {
        complete = false;
        break;
      }
      const { reconciliation } = window;
      const { judgement, judgedAt } = revision;
      const tally = { discrepancies: 0, decides: 0, byOthers: 0, undecided: 0 };
      const asked = {
        reconciliation,
        process,
        to: window.to,
        judgement,
        at: judgedAt,
        suffix: '',
        evenAccepted: true,
      } as const;
      for await (const page of this.walk.choices(asked, book))
        for (const { one, choice } of page) {
          tally.discrepancies += 1;
          if (!choice.rule) tally.undecided += 1;
          else if (choice.rule.id !== id) tally.byOthers += 1;
          else {
            tally.decides += 1;
            if (examples.length < MOST_EXAMPLES)
              examples.push({ reconciliation, key: one.key, kind: one.kind, stage: one.stage });
          }
        }
      seen += tally.discrepancies;
      windows.push({ reconciliation, revision: revision.revision, judgedAt, ...tally });
    }
    const sum = (of: 'discrepancies' | 'decides' | 'byOthers' | 'undecided'): number =>
      windows.reduce((total, window) => total + window[of], 0);
    return {
      windows,
      discrepancies: sum('discrepancies'),
      decides: sum('decides'),
      byOthers: sum('byOthers'),
      undecided: sum('undecided'),
      examples,
      complete,
    };
  }

  /** The first judgement of a window's last story with gaps: what the rules would have been asked about. */
  private async lastWithGaps(id: string): Promise<Revision | undefined> {
    const newest = await this.settlement.revisions(id, NEWEST, REVISIONS);
    const at = newest.findIndex(({ kinds }) => Object.entries(kinds).some(([kind, n]) => kind !== 'late' && n > 0));
    return at < 0
      ? undefined
      : (newest.slice(at).findLast(({ judgement }) => judgement === newest[at]!.judgement) ?? newest[at]);
  }
}
