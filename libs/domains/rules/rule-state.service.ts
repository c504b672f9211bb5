import { Inject, Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { SECOND } from './core/rule';
import { RuleService } from './rule.service';
import { RulesStore, type StoredState } from './rules.store';

export interface RuleState {
  readonly evaluatedAt: Micros | undefined;
  /** How much later than they should rounds come: whole steps, 0 while there is one each step; undefined where there was no round yet. */
  readonly late: Micros | undefined;
  readonly states: StoredState[];
}

/** What rules came to. */
@Injectable()
export class RuleStateService {
  constructor(
    private readonly rules: RuleService,
    private readonly store: RulesStore,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Series by name, as of the last round; none where the rule was not in it. @throws DomainError `not_found` */
  async state(id: string, now: Micros): Promise<RuleState> {
    const [, last] = await Promise.all([this.rules.rule(id), this.store.lastRound(0)]);
    const states = last ? await this.store.states(last, id) : [];
    const late = last && lateness(last, now, this.configuration.HOLDFAST_RULES_EVERY_SECONDS * SECOND);
    return { evaluatedAt: states[0]?.evaluatedAt, late, states };
  }
}

/** Of the last round behind the one before, or of the next one that has not come, whichever is more. */
function lateness(
  { evaluatedAt, before }: { readonly evaluatedAt: Micros; readonly before: Micros },
  now: Micros,
  every: Micros,
): Micros {
  const longest = Math.max(before === 0 ? 0 : evaluatedAt - before, now - evaluatedAt);
  return Math.max(0, Math.floor(longest / every) - 1) * every;
}
