import { Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker } from '@holdfast/platform/temporal';
import { type AnySaga, answerSaga, steerSaga } from '@holdfast/platform/workflow-kit';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { progressOf, type SagaProgress } from './progress';
import { SagaJournal } from './saga-journal';

/** How long an answer may take until it is said that nobody carries it out, in ms. */
const PATIENCE_MS = 20_000;

/** Where people see sagas, answer them and steer them. */
@Injectable()
export class SagaDesk {
  constructor(
    private readonly temporal: Client,
    private readonly journal: SagaJournal,
  ) {}

  /** Steps in their order; none of one that has not begun is more than ahead. */
  async progress(saga: AnySaga, id: string): Promise<SagaProgress> {
    return progressOf(saga, await this.journal.entries(id));
  }

  /**
   * @param digest names what is approved or refused
   * @throws DomainError `conflict` saga_waits_for_nobody, own_request, saga_changed; `unavailable`
   */
  async answer(id: string, answer: 'approved' | 'refused', by: string, digest: string): Promise<void> {
    await this.update(id, (handle) => handle.executeUpdate(answerSaga, { args: [answer, by, '', digest] }));
  }

  /**
   * @param before the step to stop before; '' for where it is
   * @throws DomainError `conflict` saga_is_over, saga_not_stopped, step_is_behind; `unavailable`
   */
  async steer(id: string, order: 'stop' | 'resume' | 'call_off', by: string, before = ''): Promise<void> {
    await this.update(id, (handle) => handle.executeUpdate(steerSaga, { args: [order, by, before] }));
  }

  private async update(
    id: string,
    send: (handle: ReturnType<Client['workflow']['getHandle']>) => Promise<unknown>,
  ): Promise<void> {
    try {
      await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () => send(this.temporal.workflow.getHandle(id)));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new DomainError('conflict', 'saga_is_over', 'it is over');
      throw fromFailure(error) ?? noWorker(error);
    }
  }
}
