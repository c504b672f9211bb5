import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import type { WorkflowContract } from '@holdfast/platform/workflow-kit';
import { noWorker, temporalUnavailable } from './unavailable';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any contract's activities
type Terms = any;
type Contract<I, O> = WorkflowContract<I, O, string, Terms>;

export interface Launch<O> {
  readonly handle: WorkflowHandle<(...args: Terms[]) => Promise<O>>;
  /** False when a run of this id was open already. */
  readonly started: boolean;
}

/** How long a request waits for Temporal, in ms. */
const PATIENCE_MS = 20_000;

/**
 * Starts the workflow, or joins the open run of the same id.
 * @throws DomainError `unavailable` when Temporal does not answer
 */
export async function startOrJoin<I, O>(
  client: Client,
  contract: Contract<I, O>,
  input: NoInfer<I>,
): Promise<Launch<O>> {
  const workflowId = contract.id(input);
  try {
    const handle = await start(client, contract, workflowId, input, Date.now() + PATIENCE_MS);
    return { handle, started: true };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      return { handle: client.workflow.getHandle(workflowId), started: false };
    throw unavailable(error);
  }
}

/**
 * Runs a short workflow whose id is a lock to its end. While another run holds the id, waits its turn.
 * @throws DomainError what the workflow failed with; `unavailable` when its turn does not come within `patience` ms; WorkflowFailedError when it failed by a fault
 */
export async function runToEnd<I, O>(
  client: Client,
  contract: Contract<I, O>,
  input: NoInfer<I>,
  patience = PATIENCE_MS,
): Promise<O> {
  const workflowId = contract.id(input);
  for (const until = Date.now() + patience; ;) {
    try {
      const handle = await start(client, contract, workflowId, input, until);
      return await withDeadline(handle.result(), until - Date.now());
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError))
        throw fromFailure(error) ?? (error instanceof WorkflowFailedError ? error : unavailable(error));
      if (Date.now() > until)
        throw new DomainError('unavailable', 'busy', 'other changes of the same thing are still under way', {
          retryAfterSeconds: 2,
        });
    }
    // The holder is a short workflow: when it has ended, try again. Its own failure is not ours.
    await Promise.race([
      client.workflow
        .getHandle(workflowId)
        .result()
        .catch(() => undefined),
      pause(1_000),
    ]);
  }
}

function start<I, O>(client: Client, contract: Contract<I, O>, workflowId: string, input: I, until: number) {
  return client.withDeadline(until, () =>
    client.workflow.start<(input: I) => Promise<O>>(contract.name, {
      workflowId,
      taskQueue: 'control',
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }),
  );
}

async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  const timer = new AbortController();
  const late = pause(Math.max(milliseconds, 1), undefined, { signal: timer.signal }).then(() => {
    throw noWorker();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

const unavailable = (error: unknown): DomainError =>
  error instanceof DomainError ? error : temporalUnavailable(error);
