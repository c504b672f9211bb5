import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Header that carries the W3C trace context of the request that started a workflow. */
export const TRACE_HEADER = 'traceparent';

/**
 * Hands the trace context of a workflow's start on to its activities and children, so that their log lines can be found by it.
 * The bundler takes this file as an interceptor module.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let trace: object = {};
  return {
    inbound: [
      {
        execute(input, next) {
          const payload = input.headers[TRACE_HEADER];
          if (payload) trace = { [TRACE_HEADER]: payload };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
        startChildWorkflowExecution: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
        continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
      },
    ],
  };
};
