import { beating, Implements } from '@holdfast/platform/temporal';
import { SagaJournal } from '@holdfast/platform/sagas';
import type { ActivitiesOf, SagaEntry, StepCall, StepOutcome } from '@holdfast/platform/workflow-kit';
import { type RetentionRunInput, runRetention } from '@holdfast/workflows/retention/run-retention/contract';
import { Certifier } from './certifier';
import { LotArchiver } from './lot-archiver';
import { LotPurger } from './lot-purger';
import { RetentionPlanner } from './planner';
import { RunStore } from './run.store';

type Call = StepCall<RetentionRunInput>;
const done = (counts: StepOutcome['counts'], next: string | null = null): StepOutcome => ({ counts, next });

/** The steps of a run of retention. */
@Implements(runRetention)
export class RunRetentionActivities implements ActivitiesOf<typeof runRetention> {
  constructor(
    private readonly journal: SagaJournal,
    private readonly runs: RunStore,
    private readonly planner: RetentionPlanner,
    private readonly archiver: LotArchiver,
    private readonly purger: LotPurger,
    private readonly certifier: Certifier,
  ) {}

  record(entry: SagaEntry): Promise<void> {
    return this.journal.record(entry);
  }

  plan({ saga, input, at }: Call): Promise<StepOutcome> {
    return beating(async (beat) => {
      // One that a Schedule has started is not known yet.
      if (!(await this.runs.run(saga)))
        await this.runs.keepRun({ run: saga, isDryRun: input.dryRun, requestedBy: input.by, requestedAt: at });
      const { plan, lots } = await this.planner.plan(saga, at, beat);
      const sum = (of: (lot: (typeof lots)[number]) => number): number => lots.reduce((all, lot) => all + of(lot), 0);
      const counts = {
        lots: lots.length,
        rows: sum(({ rows }) => rows),
        bytes: sum(({ bytes }) => bytes),
        held: sum(({ held }) => held),
      };
      const isAll = lots.length === 0 || input.dryRun;
      return { ...done(counts), digest: plan.digest, ...(isAll && { isAll: true as const }) };
    });
  }

  recheck({ saga, at }: Call): Promise<StepOutcome> {
    return beating(async (beat) => ({
      ...done({}),
      ...(!(await this.planner.isCurrent(saga, at, beat)) && { isOutdated: true as const }),
    }));
  }

  archive({ saga, input, after, at }: Call): Promise<StepOutcome> {
    return beating(async (_, signal) => {
      const { rows, bytes, next } = await this.archiver.write(saga, input.by, after, at, signal);
      return done({ rows, bytes }, next);
    });
  }

  undoArchive({ saga, at }: Call): Promise<StepOutcome> {
    return beating(async () => done({ archives: await this.archiver.discard(saga, at) }));
  }

  verify({ saga, after, at }: Call): Promise<StepOutcome> {
    return beating(async (beat, signal) => {
      const { rows, next } = await this.archiver.verify(saga, after, at, beat, signal);
      return done({ rows }, next);
    });
  }

  purge({ saga, after, at }: Call): Promise<StepOutcome> {
    return beating(async (beat) => {
      const { rows, left, next } = await this.purger.purge(saga, after, at, beat);
      return done({ rows, left }, next);
    });
  }

  purgeRelated({ saga, after, at }: Call): Promise<StepOutcome> {
    return beating(async () => {
      const { rows, next } = await this.purger.purgeRelated(saga, after, at);
      return done({ rows }, next);
    });
  }

  prove({ saga, after, at }: Call): Promise<StepOutcome> {
    return beating(async (beat) => {
      const { parts, next } = await this.purger.prove(saga, after, at, beat);
      return done({ parts }, next);
    });
  }

  certify({ saga, at }: Call): Promise<StepOutcome> {
    return beating(async () => done({ rows: await this.certifier.certify(saga, at) }));
  }
}
