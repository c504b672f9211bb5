import { Injectable } from '@nestjs/common';
import { endsOf } from '@holdfast/domains/catalog/core/topology';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Observation } from '@holdfast/domains/findings/core/finding';
import { SETTLED } from '@holdfast/domains/findings/core/settled';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { periodAt } from './calendar';
import { Counting } from './counting';
import { evaluate, type Evaluation, isSameScope, observationsFrom, scopeOf } from './core/evaluation';
import { measureOf, type ObjectiveDefinition } from './core/objective';
import { ObjectiveService } from './objective.service';
import { ObjectiveStore } from './objective.store';

/** Evaluations that are looked through for the last that said something. */
const LOOKED_THROUGH = 100;

/** Evaluates one objective: counts, judges, keeps, and tells findings. */
@Injectable()
export class Evaluator {
  constructor(
    private readonly objectives: ObjectiveService,
    private readonly catalog: CatalogService,
    private readonly counting: Counting,
    private readonly store: ObjectiveStore,
    private readonly recorder: FindingRecorder,
  ) {}

  /**
   * A repeat at the same time is the same evaluation, and tells findings nothing new.
   * @param at when it is evaluated; what was received so long before that nothing of it can be on its way counts
   * @throws DomainError `not_found`
   */
  async evaluate(id: string, at: Micros, heartbeat: () => void): Promise<Evaluation> {
    const { body: objective, version } = await this.objectives.objective(id);
    const process = await this.catalog.findProcess(objective.process);
    if (!process) throw new DomainError('not_found', 'process_not_found', 'there is no such process');
    const asOf = at - SETTLED;
    const measure = measureOf(process.id, process, objective.promised);
    const period = periodAt(objective.period, this.counting.decidedTo(measure, asOf));
    const counted = await this.counting.count(measure, endsOf(process).first, period, asOf, heartbeat);
    const evaluation = evaluate(objective, version, period, counted, at, asOf);
    const earlier = await this.store.evaluations(id, at, LOOKED_THROUGH);
    const before = earlier.find(({ state }) => state !== 'insufficient_data')?.state;
    await this.store.append(id, evaluation);
    const observations = [
      ...(await this.withdrawn(id, objective, evaluation, earlier[0]?.version)),
      ...observationsFrom(id, objective, evaluation, before),
    ];
    await this.recorder.record(observations, at);
    return evaluation;
  }

  /** What was found of another process or stage, which the objective was about when it was evaluated last, is over. */
  private async withdrawn(
    id: string,
    objective: ObjectiveDefinition,
    evaluation: Evaluation,
    version: number | undefined,
  ): Promise<Observation[]> {
    if (version === undefined || version === evaluation.version) return [];
    const [old] = await this.objectives.history(id, version + 1, 1);
    if (!old || isSameScope(scopeOf(old.body), scopeOf(objective))) return [];
    return observationsFrom(id, old.body, { ...evaluation, state: 'met' }, undefined);
  }
}
