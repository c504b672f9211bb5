import type { ActivityTerms, WorkflowContract } from './contract';
import { activity } from './contract';

/** What a saga found or did, by name. Numbers only: histories keep them. */
export type Counts = Readonly<Record<string, number>>;

/** What one execution of a step is asked to do. It names things, and carries none. */
export interface StepCall<I> {
  /** The saga's workflow id. */
  readonly saga: string;
  readonly input: I;
  /** `<saga>/<step>/<round>/<batch>`: the same for an execution and its repeats, and for nothing else. */
  readonly key: string;
  /** Where the batch before this one ended; '' for the first. */
  readonly after: string;
  /** The workflow's time in microseconds. */
  readonly at: number;
}

/** What became of it. */
export interface StepOutcome {
  readonly counts: Counts;
  /** Where this batch ended; null: nothing is left to do in this step. */
  readonly next: string | null;
  /** Names what was found, so that whoever approves names it too. */
  readonly digest?: string;
  /** What was found before does not hold any more: the saga returns to the step that {@link WorkStep.returnsTo} names. */
  readonly isOutdated?: true;
  /** Nothing is left to do in the steps that follow: the saga is done. */
  readonly isAll?: true;
}

export type Step<I> = (call: StepCall<I>) => Promise<StepOutcome>;
type Terms = Omit<ActivityTerms<never>, 'signature' | 'local'>;

/** A step that an activity of its name does, batch by batch. */
export interface WorkStep {
  readonly does: 'work';
  /** What a person sees: what it does, as a sentence. */
  readonly says: string;
  readonly terms: Terms;
  /** The activity `undo<Step>`, which takes back whatever the step did, also by half; or that nothing can: from here on the saga goes forward only. `nothing`: it changes nothing. */
  readonly undo: { readonly says: string; readonly terms: Terms } | 'forward_only' | 'nothing';
  /** The step to do again when this one finds what was approved outdated. */
  readonly returnsTo?: string;
  /** Whether a saga that is called off leaves the batches that are left; what follows still tells what was done. */
  readonly mayBeCutShort?: true;
}

/** A step that waits for a second person. */
export interface ApprovalStep {
  readonly does: 'approval';
  readonly says: string;
}
export type SagaStep = WorkStep | ApprovalStep;
type Steps = Readonly<Record<string, SagaStep>>;

/** Where a saga stands. `stuck`: a step beyond the point of no return failed for good, and a person has to say how it goes on. */
export type SagaState =
  'running' | 'waiting' | 'stopped' | 'stuck' | 'undoing' | 'done' | 'undone' | 'refused' | 'lapsed';
export type StepState =
  | 'begun'
  | 'done'
  | 'waiting'
  | 'approved'
  | 'refused'
  | 'lapsed'
  | 'to_stop'
  | 'resumed'
  | 'called_off'
  | 'outdated'
  | 'failed'
  | 'undone';

/** One line of what a saga did: rows that are kept once for `saga` and `seq`. */
export interface SagaEntry {
  readonly saga: string;
  /** The contract's name. */
  readonly kind: string;
  readonly seq: number;
  /** '' for the saga as a whole. */
  readonly step: string;
  readonly state: StepState | SagaState;
  readonly at: number;
  /** A principal; '' for the system. */
  readonly by: string;
  /** Names what they said; of a failure its code. */
  readonly remark: string;
  readonly counts: Counts;
}

/** What every saga is given. */
export interface SagaInput {
  /** Who asked for it: approves nothing in it. */
  readonly by: string;
  /** How long somebody else may take to approve, in seconds. */
  readonly approveWithinSeconds: number;
}

type StepActivities<I, S extends Steps> = {
  readonly [K in keyof S as S[K] extends WorkStep ? K : never]: ActivityTerms<Step<I>>;
} & {
  readonly [
    K in keyof S & string as S[K] extends { readonly undo: { readonly says: string } } ? `undo${Capitalize<K>}` : never
  ]: ActivityTerms<Step<I>>;
} & { readonly record: ActivityTerms<(entry: SagaEntry) => Promise<void>> };

export interface SagaContract<I extends SagaInput, N extends string, S extends Steps> extends WorkflowContract<
  I & { readonly goesOn?: SagaPosition },
  SagaState,
  N,
  StepActivities<I, S>
> {
  readonly steps: S;
}
export type AnySaga = Pick<SagaContract<never, string, Steps>, 'name' | 'steps' | 'activities'>;

/** Where a run hands over to the next when its history has become long. */
export interface SagaPosition {
  readonly step: string;
  readonly round: number;
  readonly batch: number;
  readonly after: string;
  readonly counts: Counts;
  readonly seq: number;
  readonly digest: string;
}

/**
 * Declares a saga once: its steps in their order. The workflow (`sagaWorkflow`), what people see of it, the table in docs/sagas.md and the tests that fail, repeat, kill and
 * cancel each step all follow from it.
 */
export const defineSaga =
  <I extends SagaInput>() =>
  <N extends string, const S extends Steps>(saga: {
    readonly name: N;
    readonly id: (input: I) => string;
    readonly steps: S;
  }): SagaContract<I, N, S> => {
    const activities: Record<string, unknown> = {
      record: activity<(entry: SagaEntry) => Promise<void>>({
        queue: 'control',
        startToClose: '10s',
        local: 'in_turn',
        retry: { initialInterval: '200ms', maximumInterval: '10s' },
        repeat: 'writes the same row, which the table keeps once',
      }),
    };
    for (const [name, step] of Object.entries<SagaStep>(saga.steps)) {
      if (step.does === 'approval') continue;
      activities[name] = activity<Step<I>>(step.terms);
      if (typeof step.undo === 'object') activities[undoOf(name)] = activity<Step<I>>(step.undo.terms);
    }
    return { ...saga, activities: activities as StepActivities<I, S> };
  };

export const undoOf = (step: string): string => `undo${step.charAt(0).toUpperCase()}${step.slice(1)}`;

/** States in which nothing is done any more. */
export const OVER: ReadonlySet<SagaState> = new Set(['done', 'undone', 'refused', 'lapsed']);
