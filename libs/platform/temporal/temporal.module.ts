import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { context } from '@holdfast/platform/telemetry';
import { TRACE_HEADER } from '@holdfast/platform/workflow-kit';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** Sends the trace context of the request with every workflow that it starts. */
const tracing: WorkflowClientInterceptor = {
  start(input, next) {
    const { traceparent } = context();
    if (!traceparent) return next(input);
    return next({
      ...input,
      headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(traceparent) },
    });
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
