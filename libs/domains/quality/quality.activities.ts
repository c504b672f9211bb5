import type { Micros } from '@holdfast/kernel';
import { cancellationOfActivity, Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { checkReference } from '@holdfast/workflows/quality/check-reference/contract';
import { evaluateObjective, type Evaluated } from '@holdfast/workflows/quality/evaluate-objective/contract';
import { type DueQuality, measureQuality } from '@holdfast/workflows/quality/measure-quality/contract';
import { Context } from '@temporalio/activity';
import { Evaluator } from './evaluator';
import { KpiRefresher } from './kpi-refresher';
import { ObjectiveService } from './objective.service';
import { ObjectiveStore } from './objective.store';
import { ReferenceChecker } from './reference-checker';
import { ReferenceService } from './reference.service';
import { ReferenceStore } from './reference.store';

const HEARTBEAT_MS = 10_000;
const SECOND: Micros = 1_000_000;
/** Documents that one run sees to, the longest neglected first; the next run has the others. */
const MOST_DUE = 500;

/** Says that the activity lives, also while a query runs; stops between steps when it was cancelled. */
async function beating<T>(run: (heartbeat: () => void) => Promise<T>): Promise<T> {
  const { cancellationSignal } = Context.current();
  const beat = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
  try {
    return await run(() => {
      Context.current().heartbeat();
      cancellationSignal.throwIfAborted();
    });
  } finally {
    clearInterval(beat);
  }
}

/** The steps of what is measured again and again. */
@Implements(measureQuality)
export class MeasureQualityActivities implements ActivitiesOf<typeof measureQuality> {
  constructor(
    private readonly kpis: KpiRefresher,
    private readonly objectives: ObjectiveService,
    private readonly references: ReferenceService,
    private readonly evaluations: ObjectiveStore,
    private readonly checks: ReferenceStore,
  ) {}

  refresh(at: Micros): Promise<number> {
    return beating((heartbeat) => this.kpis.refresh(at, heartbeat));
  }

  async due(at: Micros): Promise<DueQuality> {
    const [objectives, evaluated, references, checked] = await Promise.all([
      this.objectives.enabled(),
      this.evaluations.lastEvaluations(),
      this.references.enabled(),
      this.checks.lastChecks(),
    ]);
    const ripe = references.filter(({ id, everySeconds }) => (checked.get(id) ?? 0) + everySeconds * SECOND <= at);
    return {
      objectives: neglectedFirst(objectives, evaluated),
      references: neglectedFirst(
        ripe.map(({ id }) => id),
        checked,
      ),
    };
  }
}

const neglectedFirst = (ids: readonly string[], done: ReadonlyMap<string, Micros>): string[] =>
  ids.toSorted((a, b) => (done.get(a) ?? 0) - (done.get(b) ?? 0)).slice(0, MOST_DUE);

/** The step of an objective's evaluation. */
@Implements(evaluateObjective)
export class EvaluateObjectiveActivities implements ActivitiesOf<typeof evaluateObjective> {
  constructor(private readonly evaluator: Evaluator) {}

  async evaluate(objective: string, at: Micros): Promise<Evaluated> {
    const { state } = await beating((heartbeat) => this.evaluator.evaluate(objective, at, heartbeat));
    return { at, state };
  }
}

/** The step of a reference's check. */
@Implements(checkReference)
export class CheckReferenceActivities implements ActivitiesOf<typeof checkReference> {
  constructor(private readonly checker: ReferenceChecker) {}

  async check(reference: string, at: Micros): Promise<number> {
    const signal = cancellationOfActivity() ?? new AbortController().signal;
    const found = await beating((heartbeat) => this.checker.check(reference, at, heartbeat, signal));
    return found.orphansInTracking + found.orphansInBusiness;
  }
}
