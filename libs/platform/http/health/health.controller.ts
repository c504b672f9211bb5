import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Answers, NotAudited, Public } from '../route-terms';
import { HealthService, type Readiness } from './health.service';

const ReadinessSchema = z.object({
  ready: z.boolean(),
  dependencies: z.record(z.string(), z.object({ ok: z.boolean(), ms: z.int() })),
}) satisfies z.ZodType<Readiness>;

@Controller()
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  @Get('livez')
  @NotAudited('asked every few seconds by a supervisor; says nothing of anything recorded')
  @Public('a supervisor asks without a key; says only that the process runs')
  @Answers(200, 'The process runs', z.object({ live: z.literal(true) }))
  @Header('cache-control', 'no-store')
  live(): { live: true } {
    return { live: true };
  }

  @Get('readyz')
  @NotAudited('asked every few seconds by a load balancer; says nothing of anything recorded')
  @Public('a load balancer asks without a key; names dependencies and says which answer')
  @Answers(200, 'Every dependency answers', ReadinessSchema)
  @Answers(503, 'A dependency does not answer', ReadinessSchema)
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const found = await this.health.readiness();
    void reply.status(found.ready ? 200 : 503);
    return found;
  }
}
