import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one call carries. */
export interface CallContext {
  readonly requestId?: string;
  /** W3C trace context, version 00. */
  readonly traceparent?: string;
  readonly workflowId?: string;
  readonly activity?: string;
}

const storage = new AsyncLocalStorage<CallContext>();

export const context = (): CallContext => storage.getStore() ?? {};
export const withContext = <T>(of: CallContext, run: () => T): T => storage.run(of, run);
