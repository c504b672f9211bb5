import { Injectable } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { invalid, type Micros } from '@holdfast/kernel';
import type { FlappingDefinition, FlappingRule } from './core/muting';
import { matcherFaults } from './matcher-faults';
import { FlappingSchema } from './suppression.schemas';

const RULE: DocumentKind<FlappingDefinition> = { kind: 'flapping-rule', body: FlappingSchema };
type Rule = Version<FlappingDefinition>;

/** Flapping rules: versioned documents. */
@Injectable()
export class FlappingService {
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

  /** As they are now, or were a second ago. */
  async every(): Promise<FlappingRule[]> {
    return [...(await this.register.everyCurrentOf(RULE))].map(([id, { body }]) => ({ ...body, id }));
  }

  /** @returns the version that the rule has now @throws DomainError `invalid` when a pattern could take long; as RegisterService.change does */
  async put(id: string, rule: FlappingDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const wrong = await matcherFaults(rule.matchers, 'matchers');
    if (wrong.length > 0) throw invalid('unusable_rule', 'the rule cannot be used; errors lists why', wrong);
    return this.register.change(RULE, id, rule, expected, by, at);
  }
}
