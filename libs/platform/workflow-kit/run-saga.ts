import * as wf from '@temporalio/workflow';
import { activitiesOf } from './activities';
import {
  type AnySaga,
  type Counts,
  OVER,
  type SagaEntry,
  type SagaInput,
  type SagaPosition,
  type SagaState,
  type SagaStep,
  type Step,
  type StepOutcome,
  undoOf,
  type WorkStep,
} from './saga';

type Answer = 'approved' | 'refused';
type Order = 'stop' | 'resume' | 'call_off';

/** Somebody else approves what was found, which they name, or refuses it. @throws ApplicationFailure kind `conflict`: `saga_waits_for_nobody`, `own_request`, `saga_changed` */
export const answerSaga = wf.defineUpdate<SagaState, [answer: Answer, by: string, remark: string, digest: string]>(
  'answer',
);
/**
 * Holds it between two batches, or before a step, lets it go on, tries again what failed, or calls it off.
 * @param before the step to stop before; '' for where it is
 * @throws ApplicationFailure kind `conflict`: `saga_is_over`, `saga_not_stopped`, `step_is_behind`
 */
export const steerSaga = wf.defineUpdate<SagaState, [order: Order, by: string, before: string]>('steer');
export const standingOfSaga = wf.defineQuery<{
  readonly state: SagaState;
  readonly step: string;
  readonly counts: Counts;
}>('standing');

type Activities = Record<string, Step<unknown>> & { record: (entry: SagaEntry) => Promise<void> };
type Input = SagaInput & { readonly goesOn?: SagaPosition };
/** How a step ended: the saga goes on, is done, returns to an earlier step, or takes everything back and ends so. */
type Ended =
  | { readonly is: 'done' | 'all' }
  | { readonly is: 'outdated'; readonly to: string }
  | { readonly is: 'over'; readonly as: 'undone' | 'refused' | 'lapsed' };

/** Events of a history after which a new run goes on. */
const LONG_HISTORY = 2_000;

/** The workflow of a saga: its steps in their order. What is told of it stands in the journal (`record`) before the next thing is done. */
export const sagaWorkflow =
  (saga: AnySaga) =>
  (input: Input): Promise<SagaState> =>
    wf.CancellationScope.nonCancellable(() => new SagaRun(saga, input).run());

class SagaRun {
  private readonly activities: Activities;
  private readonly names: readonly string[];
  private readonly id = wf.workflowInfo().workflowId;
  private state: SagaState = 'running';
  private at: SagaPosition;
  private answer: Answer | undefined;
  private order: 'stop' | 'call_off' | undefined;
  private stopBefore = '';
  private isGoingForward: boolean;

  constructor(
    private readonly saga: AnySaga,
    private readonly input: Input,
  ) {
    this.activities = activitiesOf(saga) as unknown as Activities;
    this.names = Object.keys(saga.steps);
    this.at = input.goesOn ?? { step: this.names[0]!, round: 0, batch: 0, after: '', counts: {}, seq: 0, digest: '' };
    this.isGoingForward = this.at.batch > 0 && isForwardOnly(saga.steps[this.at.step]!);
    this.listen();
  }

  async run(): Promise<SagaState> {
    for (;;) {
      const { step } = this.at;
      const terms = this.saga.steps[step]!;
      const ended = terms.does === 'approval' ? await this.approved() : await this.worked(terms);
      if (ended.is === 'all') return this.end('done');
      if (ended.is === 'over') return this.end(await this.takenBack(ended.as));
      const next = ended.is === 'outdated' ? ended.to : this.names[this.names.indexOf(step) + 1];
      if (next === undefined) return this.end('done');
      const round = this.at.round + (ended.is === 'outdated' ? 1 : 0);
      this.at = { ...this.at, step: next, round, batch: 0, after: '', counts: {} };
    }
  }

  /** Batch after batch, until nothing is left. */
  private async worked(terms: WorkStep): Promise<Ended> {
    let isAll = false;
    if (this.at.batch === 0) await this.tell('begun');
    for (;;) {
      await this.heldBetweenBatches();
      if (this.order === 'call_off' && !this.isBeyondReturn) return { is: 'over', as: 'undone' };
      if (this.order === 'call_off' && terms.mayBeCutShort) break;
      const outcome = await this.tried(this.at.step);
      if (outcome === 'failed') {
        if (!this.isBeyondReturn) return { is: 'over', as: 'undone' };
        await this.resumed('stuck');
        continue;
      }
      if (outcome.isOutdated) {
        await this.tell('outdated');
        return { is: 'outdated', to: terms.returnsTo! };
      }
      const counts = sumOf(this.at.counts, outcome.counts);
      const digest = outcome.digest ?? this.at.digest;
      this.at = { ...this.at, counts, digest, batch: this.at.batch + 1, after: outcome.next ?? '' };
      isAll = outcome.isAll ?? false;
      if (outcome.next === null) break;
      if (wf.workflowInfo().historyLength > LONG_HISTORY) await this.startOver();
    }
    await this.tell('done', { counts: this.at.counts });
    return { is: isAll ? 'all' : 'done' };
  }

  /** Waits for a second person, as long as they have. */
  private async approved(): Promise<Ended> {
    this.answer = undefined as Answer | undefined;
    this.state = 'waiting';
    await this.tell('waiting');
    const isDecided = (): boolean => this.answer !== undefined || this.order === 'call_off';
    await wf.condition(isDecided, this.input.approveWithinSeconds * 1000);
    this.state = 'running';
    await wf.condition(wf.allHandlersFinished);
    if (this.answer) return this.answer === 'approved' ? { is: 'done' } : { is: 'over', as: 'refused' };
    return { is: 'over', as: this.order === 'call_off' ? 'undone' : 'lapsed' };
  }

  /** One execution, with the retries of its terms. One that is called off before the point of no return is cancelled. */
  private async tried(activity: string): Promise<StepOutcome | 'failed'> {
    const { step, round, batch, after } = this.at;
    const key = `${this.id}/${activity}/${round}/${batch}`;
    if (isForwardOnly(this.saga.steps[step]!)) this.isGoingForward = true;
    const scope = new wf.CancellationScope({ cancellable: true });
    const trying = scope.run(() =>
      this.activities[activity]!({ saga: this.id, input: this.input, key, after, at: Date.now() * 1000 }),
    );
    if (!this.isBeyondReturn) {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      void trying.then(over, over);
      await wf.condition(() => isOver || this.order === 'call_off');
      if (this.order === 'call_off') scope.cancel();
    }
    try {
      return await trying;
    } catch (error) {
      if (!wf.isCancellation(error)) await this.tell('failed', { step, remark: codeOf(error) });
      return 'failed';
    }
  }

  /** Undoes what was done, the last first; nothing ends halfway. */
  private async takenBack(as: 'undone' | 'refused' | 'lapsed'): Promise<SagaState> {
    this.state = 'undoing';
    const from = this.names.indexOf(this.at.step);
    for (const name of this.names.slice(0, from + 1).reverse()) {
      const step = this.saga.steps[name]!;
      if (step.does === 'approval' || typeof step.undo === 'string') continue;
      this.at = { ...this.at, step: name, batch: 0, after: '' };
      for (let next: string | null = ''; next !== null;) {
        const outcome = await this.tried(undoOf(name));
        if (outcome === 'failed') await this.resumed('stuck');
        else {
          next = outcome.next;
          this.at = { ...this.at, batch: this.at.batch + 1, after: next ?? '' };
        }
      }
      await this.tell('undone');
    }
    return as;
  }

  /** From the first try of a step on that nothing can undo, or while everything is being undone. */
  private get isBeyondReturn(): boolean {
    const behind = this.names.slice(0, this.names.indexOf(this.at.step)).map((name) => this.saga.steps[name]!);
    return this.state === 'undoing' || this.isGoingForward || behind.some(isForwardOnly);
  }

  private async heldBetweenBatches(): Promise<void> {
    if (this.order === 'stop' && (this.stopBefore === '' || this.stopBefore === this.at.step))
      await this.resumed('stopped');
  }

  /** Waits until a person says how it goes on. */
  private async resumed(state: 'stopped' | 'stuck'): Promise<void> {
    const before = this.state;
    this.state = state;
    this.isHeld = true;
    await this.tell(state, { step: '' });
    await wf.condition(() => !this.isHeld);
    this.state = before;
  }
  private isHeld = false;

  private async end(as: SagaState): Promise<SagaState> {
    this.state = as;
    await this.tell(as, { step: '' });
    await wf.condition(wf.allHandlersFinished);
    return as;
  }

  private async startOver(): Promise<void> {
    await wf.condition(wf.allHandlersFinished);
    if (this.order === undefined) await wf.continueAsNew({ ...this.input, goesOn: this.at });
  }

  private async tell(state: SagaEntry['state'], of: Partial<SagaEntry> = {}): Promise<void> {
    const seq = this.at.seq + 1;
    this.at = { ...this.at, seq };
    const entry = { saga: this.id, kind: this.saga.name, seq, step: this.at.step, state, at: Date.now() * 1000 };
    await this.activities.record({ ...entry, by: '', remark: '', counts: {}, ...of });
  }

  private listen(): void {
    wf.setHandler(standingOfSaga, () => ({ state: this.state, step: this.at.step, counts: this.at.counts }));
    wf.setHandler<SagaState, [Answer, string, string, string], typeof answerSaga>(
      answerSaga,
      async (is, by, remark, digest) => {
        this.mayAnswer(by, digest);
        this.answer = is;
        await this.tell(is, { by, remark });
        return this.state;
      },
      { validator: (_, by, __, digest) => this.mayAnswer(by, digest) },
    );
    wf.setHandler<SagaState, [Order, string, string], typeof steerSaga>(
      steerSaga,
      async (order, by, before) => {
        this.maySteer(order, before);
        this.order = order === 'resume' ? undefined : order;
        this.stopBefore = before;
        if (order !== 'stop') this.isHeld = false;
        await this.tell(TOLD[order], { by, remark: before });
        return this.state;
      },
      { validator: (order, _, before) => this.maySteer(order, before) },
    );
    wf.CancellationScope.current().cancelRequested.catch(() => {
      this.order = 'call_off';
      this.isHeld = false;
    });
  }

  private mayAnswer(by: string, digest: string): void {
    if (this.state !== 'waiting' || this.answer) throw refusal('saga_waits_for_nobody', 'it waits for no approval');
    if (by === this.input.by) throw refusal('own_request', 'somebody else has to approve or refuse it');
    if (digest !== this.at.digest) throw refusal('saga_changed', 'what was found has changed since');
  }

  private maySteer(order: Order, before: string): void {
    const isUndone = this.state === 'undoing' || (this.order === 'call_off' && order === 'stop');
    if (OVER.has(this.state) || isUndone) throw refusal('saga_is_over', 'it is over, or being undone');
    if (before !== '' && this.names.indexOf(before) <= this.names.indexOf(this.at.step))
      throw refusal('step_is_behind', 'it has come to that step already');
    if (order === 'resume' && !this.isHeld && this.order !== 'stop')
      throw refusal('saga_not_stopped', 'it is not stopped');
  }
}

const TOLD = { stop: 'to_stop', resume: 'resumed', call_off: 'called_off' } as const;

function sumOf(a: Counts, b: Counts): Counts {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

const isForwardOnly = (step: SagaStep): boolean => step.does === 'work' && step.undo === 'forward_only';

function codeOf(error: unknown): string {
  const cause = error instanceof wf.ActivityFailure ? error.cause : error;
  return cause instanceof wf.ApplicationFailure ? (cause.type ?? 'fault') : 'fault';
}
const refusal = (code: string, text: string): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable(text, code, 'conflict');
