import { createServer, type Server } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { HealthService } from './health.service';

/** `/livez` and `/readyz` of a process that serves nothing else. */
@Injectable()
export class HealthServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** The port it listens on; undefined when it does not. */
  get port(): number | undefined {
    const address = this.server?.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { HOLDFAST_HEALTH_PORT: port, HOLDFAST_HOST: host } = this.configuration;
    if (port === undefined) return;
    const server = createServer((request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
        response.end(JSON.stringify(body));
      };
      if (request.url === '/livez') answer(200, { live: true });
      else if (request.url === '/readyz')
        void this.health.readiness().then((found) => answer(found.ready ? 200 : 503, found));
      else answer(404, { code: 'no_such_route' });
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.server = server;
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
