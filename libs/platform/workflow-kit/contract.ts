import type { Duration, RetryPolicy } from '@temporalio/common';

/**
 * Queues by the nature of the work: short steps, whole windows, what was received since the last time, data sets of other stores, archives, calls to others; `intake` is
 * polled by the process that takes records in.
 */
export type TaskQueue = 'control' | 'bulk' | 'inspection' | 'comparisons' | 'archives' | 'outbound' | 'intake';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any activity signature; callers see the exact one
type AnyActivity = (...args: any[]) => Promise<unknown>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the terms of any activity
type AnyTerms = Record<string, ActivityTerms<any>>;

/** How one activity runs. */
export interface ActivityTerms<F extends AnyActivity> {
  readonly queue: TaskQueue;
  readonly startToClose: Duration;
  readonly heartbeat?: Duration;
  readonly retry?: RetryPolicy;
  /**
   * Tried first in the worker of the workflow itself, without a round through the server, for 2 s and twice; only then under its terms. For steps of milliseconds, on the control queue.
   * `in_turn`: never beside another one of the kind. A workflow needs that where what it does next depends on which of two steps ends first: a replay hears of them in the order in
   * which they began.
   */
  readonly local?: true | 'in_turn';
  /** A cancelled execution is waited for, so that nothing of it takes effect after the workflow has gone on. */
  readonly endsBeforeCancelled?: true;
  /** What a second execution with the same arguments does. */
  readonly repeat: string;
  /** Carries the signature; never set. */
  readonly signature?: F;
}

export const activity = <F extends AnyActivity>(terms: Omit<ActivityTerms<F>, 'signature'>): ActivityTerms<F> => terms;

/** What a workflow is called, how it is locked, and what it needs done. Types only: validation happens at the edge, and the bundle stays small. */
export interface WorkflowContract<I, O, N extends string, A extends AnyTerms> {
  readonly name: N;
  /** The workflow id: a lock against concurrent runs. What must stay unique for ever is kept in ClickHouse. */
  readonly id: (input: I) => string;
  readonly activities: A;
  /** Carries the types; never set. */
  readonly io?: (input: I) => O;
}
export type AnyContract = Pick<WorkflowContract<never, unknown, string, AnyTerms>, 'name' | 'activities'>;

/** Curried, so that input and output are stated, and name and activities inferred. */
export const defineWorkflow =
  <I, O>() =>
  <N extends string, A extends AnyTerms>(
    contract: Omit<WorkflowContract<I, O, N, A>, 'io'>,
  ): WorkflowContract<I, O, N, A> =>
    contract;

/** The interface that a domain's activities implement. */
export type ActivitiesOf<C extends AnyContract> = {
  [K in keyof C['activities']]: C['activities'][K] extends ActivityTerms<infer F> ? F : never;
};
/** The function that a workflow file exports under the contract's name. */
export type WorkflowOf<C> = C extends { readonly io?: (input: infer I) => infer O } ? (input: I) => Promise<O> : never;
/** The contracts of a catalog, each under its own name. */
export type ContractNames<Catalog> = { [K in keyof Catalog]: { readonly name: K } };
