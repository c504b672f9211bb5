import { Logger } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { toFailure } from '@holdfast/platform/errors';
import { withContext } from '@holdfast/platform/telemetry';
import { TRACE_HEADER } from '@holdfast/platform/workflow-kit';
import { asyncLocalStorage, CancelledFailure, CompleteAsyncError, type Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';

const log = new Logger('Activity');

/** Aborted when the activity that calls this is cancelled or has run out of time; undefined outside of activities. */
export const cancellationOfActivity = (): AbortSignal | undefined => asyncLocalStorage.getStore()?.cancellationSignal;

/** Every activity runs with its ids in the log, and tells its workflow codes instead of texts that may quote data. */
export const activityCalls = ({ info }: Context): ActivityInterceptors => ({
  inbound: {
    execute(input, next) {
      const payload = input.headers[TRACE_HEADER];
      const traceparent = payload && defaultPayloadConverter.fromPayload<string>(payload);
      const call = {
        workflowId: info.workflowExecution?.workflowId ?? '',
        activity: info.activityType,
        ...(traceparent && { traceparent }),
      };
      return withContext(call, async () => {
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof CancelledFailure || error instanceof CompleteAsyncError) throw error;
          if (error instanceof DomainError) log.warn(`${error.code}, attempt ${info.attempt}`);
          else log.error(error);
          throw toFailure(error);
        }
      });
    },
  },
});
