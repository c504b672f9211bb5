import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { comparedStages } from '@holdfast/domains/catalog/core/process';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { invalid, type Micros } from '@holdfast/kernel';
import { runToEnd } from '@holdfast/platform/temporal';
import { evaluateObjective } from '@holdfast/workflows/quality/evaluate-objective/contract';
import { Client } from '@temporalio/client';
import type { Evaluation } from './core/evaluation';
import type { ObjectiveDefinition } from './core/objective';
import { ObjectiveSchema } from './objective.schemas';
import { ObjectiveStore } from './objective.store';

const OBJECTIVE: DocumentKind<ObjectiveDefinition> = { kind: 'objective', body: ObjectiveSchema };
/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';
/** How long a first count of a whole period may take until its caller is told to come back, in ms. */
const PATIENCE_MS = 60_000;

export type Objective = Version<ObjectiveDefinition>;

/** Objectives, and what they were found to be. */
@Injectable()
export class ObjectiveService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
    private readonly store: ObjectiveStore,
    private readonly temporal: Client,
  ) {}

  /** @throws DomainError `not_found` */
  objective(id: string): Promise<Objective> {
    return this.register.get(OBJECTIVE, id);
  }

  list(after: string, limit: number): Promise<(Objective & { readonly id: string })[]> {
    return this.register.list(OBJECTIVE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Objective[]> {
    return this.register.history(OBJECTIVE, id, before, limit);
  }

  /** Those that are to be evaluated by themselves. */
  async enabled(): Promise<string[]> {
    const all = await this.register.everyCurrentOf(OBJECTIVE, true);
    return [...all].filter(([, { body }]) => body.enabled).map(([id]) => id);
  }

  /**
   * @returns the version that the objective has now
   * @throws DomainError `invalid` when its process, stage or escalation policy does not exist; as RegisterService.change does
   */
  async put(id: string, objective: ObjectiveDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const { process: name, promised, escalationPolicy } = objective;
    const process = await this.catalog.findProcess(name);
    if (!process)
      throw invalid('unknown_process', 'the objective names a process that does not exist', [
        { field: 'process', reason: 'does not exist; PUT it first' },
      ]);
    if (promised.kind === 'freshness' && !comparedStages(process).includes(promised.stage))
      throw invalid('unknown_quality_stage', 'the objective names a stage that its process does not compare', [
        { field: 'promised.stage', reason: 'is no compared stage of the process' },
      ]);
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      throw invalid('unknown_escalation_policy', 'the objective names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(OBJECTIVE, id, objective, expected, by, at);
  }

  /** Newest first, of those before a time. @throws DomainError `not_found` */
  async evaluations(id: string, before: Micros, limit: number): Promise<Evaluation[]> {
    const found = await this.store.evaluations(id, before, limit);
    if (found.length === 0) await this.objective(id);
    return found;
  }

  /** Evaluates it now. @throws DomainError `not_found`; `unavailable` while it is evaluated for long, or nobody does it */
  async evaluate(id: string): Promise<Evaluation> {
    await this.objective(id);
    const { at } = await runToEnd(this.temporal, evaluateObjective, id, PATIENCE_MS);
    return (await this.store.evaluations(id, at + 1, 1))[0]!;
  }
}
