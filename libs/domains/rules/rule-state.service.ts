import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { RuleService } from './rule.service';
import { RulesStore, type StoredState } from './rules.store';

/** What rules came to. */
@Injectable()
export class RuleStateService {
  constructor(
    private readonly rules: RuleService,
    private readonly store: RulesStore,
  ) {}

  /** Series by name, as of the last round; none where the rule was not in it. @throws DomainError `not_found` */
  async state(id: string): Promise<{ readonly evaluatedAt: Micros | undefined; readonly states: StoredState[] }> {
    const [, last] = await Promise.all([this.rules.rule(id), this.store.lastRound(0)]);
    const states = last ? await this.store.states(last, id) : [];
    return { evaluatedAt: states[0]?.evaluatedAt, states };
  }
}
