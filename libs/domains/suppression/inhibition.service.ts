import { Injectable, Logger } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import { cycleThrough, type InhibitionDefinition, type InhibitionRule, rulesOnCycles } from './core/inhibition';
import { matcherFaults } from './matcher-faults';
import { InhibitionSchema } from './suppression.schemas';

const RULE: DocumentKind<InhibitionDefinition> = { kind: 'inhibition-rule', body: InhibitionSchema };
type Rule = Version<InhibitionDefinition>;

const rulesOf = (documents: ReadonlyMap<string, Rule>): InhibitionRule[] =>
  [...documents].map(([id, { body }]) => ({ ...body, id }));

/** Inhibition rules: versioned documents. */
@Injectable()
export class InhibitionService {
  private readonly log = new Logger('Inhibition');
  private made: { readonly of: ReadonlyMap<string, Rule>; readonly rules: InhibitionRule[] } | undefined;

  constructor(private readonly register: RegisterService) {}

  /** @throws DomainError `not_found` */
  rule(id: string): Promise<Rule> {
    return this.register.get(RULE, id);
  }

  list(after: string, limit: number): Promise<(Rule & { readonly id: string })[]> {
    return this.register.list(RULE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Rule[]> {
    return this.register.history(RULE, id, before, limit);
  }

  /** Those that mute, as they are now or were a second ago, by id: enabled, and on no cycle. */
  async inForce(): Promise<readonly InhibitionRule[]> {
    const documents = await this.register.everyCurrentOf(RULE);
    if (this.made?.of === documents) return this.made.rules;
    const all = rulesOf(documents);
    // Two changes at the same time can close a cycle that neither of them saw: somebody is rather told too much.
    const onCycles = rulesOnCycles(all);
    if (onCycles.size > 0)
      this.log.warn({ msg: 'inhibition rules form a cycle and do not mute', rules: [...onCycles] });
    const rules = all.filter(({ id, enabled }) => enabled && !onCycles.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
    this.made = { of: documents, rules };
    return rules;
  }

  /** @returns the version that the rule has now @throws DomainError `invalid` when it would close a cycle, or could take long; as RegisterService.change does */
  async put(id: string, rule: InhibitionDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const wrong: FieldProblem[] = [
      ...(await matcherFaults(rule.source, 'source')),
      ...(await matcherFaults(rule.target, 'target')),
    ];
    if (wrong.length > 0) throw invalid('unusable_rule', 'the rule cannot be used; errors lists why', wrong);
    const others = rulesOf(await this.register.everyCurrentOf(RULE, true)).filter((one) => one.id !== id);
    const cycle = rule.enabled ? cycleThrough([...others, { ...rule, id }], id) : undefined;
    if (cycle)
      throw invalid('inhibition_cycle', 'alerts could mute each other, and nobody would be told', [faultOf(cycle)]);
    return this.register.change(RULE, id, rule, expected, by, at);
  }
}

const faultOf = (cycle: readonly string[]): FieldProblem => ({
  field: 'target',
  reason:
    cycle.length === 1
      ? 'an alert could be both a source and a target of the rule: two of them would mute each other; exclude it from one'
      : `an alert could be a target of each of these rules and a source of the next: ${[...cycle, cycle[0]].join(' -> ')}`,
});
