import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { invalid, type FieldProblem, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { faultOfPattern } from '@holdfast/platform/patterns';
import type { Rule, RuleDefinition } from './core/rule';
import { RuleSchema } from './rule.schemas';

const RULE: DocumentKind<RuleDefinition> = { kind: 'resolution-rule', body: RuleSchema };
/** Named here and not imported: policies belong to alerting. */
const POLICY_KIND = 'escalation-policy';

/** The resolution rules: versioned documents. */
@Injectable()
export class RuleService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Every rule as the store has it now. */
  async rules(): Promise<Rule[]> {
    return [...(await this.register.everyCurrentOf(RULE, true))].map(([id, { version, body }]) => ({
      ...body,
      id,
      version,
    }));
  }

  /** One version of a rule. @throws DomainError `not_found` */
  async ruleAt(id: string, version: number): Promise<Rule> {
    const [found] = await this.register.history(RULE, id, version + 1, 1);
    return { ...found!.body, id, version: found!.version };
  }

  /** @throws DomainError `not_found` */
  rule(id: string): Promise<Version<RuleDefinition>> {
    return this.register.get(RULE, id);
  }

  list(after: string, limit: number): Promise<(Version<RuleDefinition> & { readonly id: string })[]> {
    return this.register.list(RULE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Version<RuleDefinition>[]> {
    return this.register.history(RULE, id, before, limit);
  }

  /** @returns the version that the rule has now. @throws DomainError `invalid` when it names what is not there; see RegisterService.change */
  async put(id: string, rule: RuleDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    await this.check(rule);
    return this.register.change(RULE, id, rule, expected, by, at);
  }

  /** @throws DomainError `invalid`, naming each field that cannot be used. @param at field that the rule stands in */
  async check(rule: RuleDefinition, at = ''): Promise<void> {
    const wrong: FieldProblem[] = [];
    const add = (field: string, reason: string): void => void wrong.push({ field: `${at}${field}`, reason });
    const { processes, keyPattern } = rule.match;
    const known = new Map((await this.catalog.findProcesses(processes ?? [])).map((one) => [one.id, one]));
    for (const [index, id] of (processes ?? []).entries())
      if (!known.has(id)) add(`match.processes.${index}`, 'does not exist');
    const fault = keyPattern === undefined ? undefined : await patternFault(keyPattern);
    if (fault !== undefined) add('match.keyPattern', fault);
    const { action } = rule;
    if (action.kind === 'escalate' && action.policy !== undefined) {
      if (!(await this.register.exists(POLICY_KIND, action.policy)))
        add('action.policy', 'does not exist; PUT it first');
    } else if (action.kind === 'escalate') {
      const silent = [...known.values()].filter(({ escalationPolicy }) => escalationPolicy === undefined);
      if (silent.length > 0)
        add('action.policy', `is needed: ${silent.map(({ id }) => id).join(', ')} has no escalationPolicy`);
    } else if (action.kind === 'replay') {
      const { HOLDFAST_CONNECTORS: urls, HOLDFAST_CONNECTOR_SECRETS: secrets } = this.configuration;
      if (!urls.has(action.connector))
        add('action.connector', 'is not configured: HOLDFAST_CONNECTORS has no such name');
      else if (!secrets.has(action.connector))
        add('action.connector', 'has no secret: HOLDFAST_CONNECTOR_SECRETS has no such name');
    }
    if (wrong.length > 0) throw invalid('unusable_rule', 'the rule cannot be used; errors lists why', wrong);
  }
}

async function patternFault(pattern: string): Promise<string | undefined> {
  return compiles(pattern) ? faultOfPattern(pattern) : 'is not a regular expression';
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').flags === 'u';
  } catch {
    return false;
  }
}
