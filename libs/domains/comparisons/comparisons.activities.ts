import { calendarSpan } from '@holdfast/platform/calendar';
import type { Micros } from '@holdfast/kernel';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { type Compared, compareDataSets } from '@holdfast/workflows/comparisons/compare-data-sets/contract';
import { openDueComparison } from '@holdfast/workflows/comparisons/open-due-comparison/contract';
import { Context } from '@temporalio/activity';
import { COMPARISON_PROBLEMS } from './comparisons.problems';
import { ComparisonRunner } from './comparison-runner';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonsStore, NEWEST } from './comparisons.store';
import { observedOf } from './core/observed';
import { type ComparisonSchedule, differencesIn } from './core/run';
import { hash } from 'node:crypto';

const HEARTBEAT_MS = 5_000;
const SECOND: Micros = 1_000_000;
/** One that has been under way for longer keeps no other from beginning. */
const LONGEST: Micros = 25 * 3_600 * SECOND;

/** The steps of a comparison that touch the world. */
@Implements(compareDataSets)
export class ComparisonsActivities implements ActivitiesOf<typeof compareDataSets> {
  constructor(
    private readonly runner: ComparisonRunner,
    private readonly store: ComparisonsStore,
    private readonly definitions: ComparisonDefinitionService,
    private readonly findings: FindingRecorder,
  ) {}

  async compare(comparison: string): Promise<Compared> {
    const context = Context.current();
    let segment = 0;
    const beat = setInterval(() => context.heartbeat(segment), HEARTBEAT_MS); // while a statement runs
    try {
      const { state, counts } = await this.runner.run(comparison, {
        signal: context.cancellationSignal,
        finished: (last) => context.heartbeat((segment = last)),
      });
      return { state, differences: differencesIn(counts) };
    } finally {
      clearInterval(beat);
    }
  }

  async giveUp(comparison: string, state: 'failed' | 'stopped', code: string): Promise<void> {
    const failure =
      state === 'failed'
        ? { code, detail: COMPARISON_PROBLEMS.find((one) => one.code === code)?.meaning ?? 'an unforeseen fault' }
        : undefined;
    await this.runner.giveUp(comparison, state, failure);
  }

  async report(comparison: string): Promise<void> {
    const standing = await this.store.find(comparison);
    if (!standing?.scheduled || standing.endedAt === undefined) return;
    const { body } = await this.definitions.definition(standing.definition);
    const whom = { owner: body.owner, policy: body.escalationPolicy ?? '' };
    await this.findings.record(observedOf(standing, whom), standing.endedAt);
  }
}

/** The step of a definition's Schedule. */
@Implements(openDueComparison)
export class OpenDueComparisonActivities implements ActivitiesOf<typeof openDueComparison> {
  constructor(
    private readonly store: ComparisonsStore,
    private readonly definitions: ComparisonDefinitionService,
  ) {}

  async open(definition: string, at: Micros): Promise<string | null> {
    const { body, version } = await this.definitions.definition(definition);
    const { schedule, owner: _owner, escalationPolicy: _policy, description: _description, ...compared } = body;
    if (!schedule) return null; // its Schedule is about to be deleted
    const comparison = hash('sha256', JSON.stringify([definition, slotOf(schedule, at)]), 'hex').slice(0, 32);
    const known = await this.store.find(comparison);
    if (known) return known.state === 'running' ? comparison : null;
    const underWay = (await this.store.list(definition, NEWEST.beforeAt, NEWEST.beforeId, 20)).some(
      ({ scheduled, state, askedAt }) => scheduled && state === 'running' && at - askedAt < LONGEST,
    );
    if (underWay) return null;
    await this.store.add({
      ...{ comparison, definition, version, body: compared, askedBy: '', askedAt: at, scheduled: true },
    });
    return comparison;
  }
}

/** When the span of a schedule began that an instant is in: it has one comparison. */
const slotOf = ({ everySeconds, calendar }: ComparisonSchedule, at: Micros): Micros => {
  if (calendar) return calendarSpan(at, calendar).from;
  const every = (everySeconds ?? 86_400) * SECOND;
  return Math.floor(at / every) * every;
};
