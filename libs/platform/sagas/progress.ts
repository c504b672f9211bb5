import { type AnySaga, type Counts, OVER, type SagaEntry, type SagaState } from '@holdfast/platform/workflow-kit';

/** A step as a person sees it. */
export interface StepProgress {
  readonly step: string;
  readonly says: string;
  readonly state: 'ahead' | 'under_way' | 'waiting' | 'done' | 'failed' | 'undone' | 'left_out';
  readonly since?: number;
  readonly until?: number;
  /** Of an approval: who gave or refused it. */
  readonly by?: string;
  /** Of a failure. */
  readonly code?: string;
  readonly counts: Counts;
}

/** Where a saga stands, from its declaration and its journal. */
export interface SagaProgress {
  readonly state: SagaState;
  readonly steps: readonly StepProgress[];
}

export function progressOf({ steps }: Pick<AnySaga, 'steps'>, entries: readonly SagaEntry[]): SagaProgress {
  const seen = Object.entries(steps).map(([step, { says }]) =>
    entries.filter((one) => one.step === step).reduce(told, ahead(step, says)),
  );
  const state = entries.reduce<SagaState>(stateAfter, 'running');
  const isOver = OVER.has(state);
  return {
    state,
    steps: seen.map((one) =>
      isOver && (one.state === 'ahead' || one.state === 'waiting') ? { ...one, state: 'left_out' } : one,
    ),
  };
}

const ahead = (step: string, says: string): StepProgress => ({ step, says, state: 'ahead', counts: {} });

function told(before: StepProgress, { state, at, by, remark, counts }: SagaEntry): StepProgress {
  switch (state) {
    case 'begun':
      return { ...ahead(before.step, before.says), state: 'under_way', since: at };
    case 'waiting':
      return { ...ahead(before.step, before.says), state: 'waiting', since: at };
    case 'done':
      return { ...before, state: 'done', until: at, counts };
    case 'approved':
      return { ...before, state: 'done', until: at, by };
    case 'refused':
      return { ...before, state: 'failed', until: at, by };
    case 'outdated':
      return { ...ahead(before.step, before.says) };
    case 'failed':
      return { ...before, state: 'failed', code: remark };
    case 'undone':
      return { ...before, state: 'undone', until: at };
    case 'resumed':
      return before.state === 'failed' ? { ...before, state: 'under_way' } : before;
    default:
      return before;
  }
}

/** Entries of the saga as a whole say its state; those of steps, what becomes of it meanwhile. */
function stateAfter(before: SagaState, { step, state }: SagaEntry): SagaState {
  if (step === '') return state as SagaState;
  if (state === 'waiting') return state;
  if (state === 'begun' || state === 'resumed' || state === 'approved') return 'running';
  return before;
}
