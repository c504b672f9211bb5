import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { context } from '@holdfast/platform/telemetry';
import { TRACE_HEADER } from '@holdfast/platform/workflow-kit';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';

function traceHeader(): Headers {
  const { traceparent } = context();
  return traceparent === undefined ? {} : { [TRACE_HEADER]: defaultPayloadConverter.toPayload(traceparent) };
}

/** Sends the trace context of the request with every workflow that it starts. */
const tracing: WorkflowClientInterceptor = {
  startWithDetails(input, next) {
    return next({ ...input, headers: { ...input.headers, ...traceHeader() } });
  },
  signalWithStart(input, next) {
    return next({ ...input, headers: { ...input.headers, ...traceHeader() } });
  },
};

/** Injects Temporal's Client. The connection is made when it is first used, so that the API starts, and says what is missing, without it. */
@Global()
@Module({
  providers: [
    {
      provide: Client,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) =>
        new Client({
          connection: Connection.lazy({ address: configuration.TEMPORAL_ADDRESS, connectTimeout: '10s' }),
          namespace: configuration.TEMPORAL_NAMESPACE,
          interceptors: { workflow: [tracing] },
        }),
    },
  ],
  exports: [Client],
})
export class TemporalModule implements OnApplicationShutdown {
  constructor(@Inject(Client) private readonly client: Client) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.connection.close();
  }
}
