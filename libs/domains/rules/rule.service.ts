import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import type { Metric, RuleDefinition } from './core/rule';
import { RuleSchema } from './rule.schemas';

const RULE: DocumentKind<RuleDefinition> = { kind: 'alert-rule', body: RuleSchema };
/** Named here and not imported, as in the catalogue of processes. */
const [POLICY_KIND, OBJECTIVE_KIND] = ['escalation-policy', 'objective'] as const;
const MISSING = 'does not exist; PUT it first';

export type Rule = Version<RuleDefinition>;
export type EnabledRule = Rule & { readonly id: string };

/** Alert rules: versioned documents. */
@Injectable()
export class RuleService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
  ) {}

  /** @throws DomainError `not_found` */
  rule(id: string): Promise<Rule> {
    return this.register.get(RULE, id);
  }

  list(after: string, limit: number): Promise<EnabledRule[]> {
    return this.register.list(RULE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Rule[]> {
    return this.register.history(RULE, id, before, limit);
  }

  /** Those that are to be evaluated by themselves. */
  async enabled(): Promise<EnabledRule[]> {
    const all = await this.register.everyCurrentOf(RULE, true);
    return [...all].filter(([, { body }]) => body.enabled).map(([id, rule]) => ({ ...rule, id }));
  }

  /** @returns the version that the rule has now @throws DomainError `invalid` as `mustMakeSense` does; as RegisterService.change does */
  async put(id: string, rule: RuleDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    await this.mustMakeSense(rule);
    return this.register.change(RULE, id, rule, expected, by, at);
  }

  /** @throws DomainError `invalid` when it names processes, stages, an objective or a policy that do not exist */
  async mustMakeSense({ metric, escalationPolicy }: RuleDefinition): Promise<void> {
    const wrong = await this.unknownIn(metric);
    if (metric.kind === 'budget' && !(await this.register.exists(OBJECTIVE_KIND, metric.objective)))
      wrong.push({ field: 'metric.objective', reason: MISSING });
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      wrong.push({ field: 'escalationPolicy', reason: MISSING });
    if (wrong.length > 0) throw invalid('unknown_in_rule', 'the rule names what does not exist', wrong);
  }

  private async unknownIn(metric: Metric): Promise<FieldProblem[]> {
    const wrong: FieldProblem[] = [];
    for (const { field, process: id, stages } of placesOf(metric)) {
      const process = id === undefined ? undefined : await this.catalog.findProcess(id);
      if (id !== undefined && !process) wrong.push({ field: `${field}process`, reason: MISSING });
      if (!process) continue;
      for (const [name, stage] of stages)
        if (stage !== undefined && !process.stages.some((one) => one.id === stage))
          wrong.push({ field: `${field}${name}`, reason: 'is no stage of the process' });
    }
    return wrong;
  }
}

interface Place {
  readonly field: string;
  readonly process: string | undefined;
  readonly stages: readonly (readonly [name: string, stage: string | undefined])[];
}

/** Where a metric names a process, and stages of it. */
function placesOf(metric: Metric): Place[] {
  if (metric.kind === 'budget') return [];
  if (!('events' in metric)) {
    const stages =
      'from' in metric
        ? ([
            ['from', metric.from],
            ['to', metric.to],
          ] as const)
        : [];
    return [{ field: 'metric.', process: metric.process, stages }];
  }
  const ofSelection = (field: string, { process, stage }: (typeof metric)['events']): Place => ({
    field: `metric.${field}.`,
    process,
    stages: [['stage', stage]],
  });
  return [ofSelection('events', metric.events), ...(metric.kind === 'ratio' ? [ofSelection('of', metric.of)] : [])];
}
