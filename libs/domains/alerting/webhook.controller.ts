import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { microsOf } from '@holdfast/kernel';
import { Answers, Audited, Public, UnparsedBody } from '@holdfast/platform/http';
import type { FastifyRequest } from 'fastify';
import { rawBody } from './raw-body';
import { WebhookService } from './webhook.service';

@Controller('v1/webhooks')
export class WebhookController {
  constructor(@Inject(WebhookService) private readonly webhooks: WebhookService) {}

  @Post('pagerduty')
  @HttpCode(202)
  @Public('PagerDuty signs what it sends; the signature over the raw body is verified')
  @Audited('decision')
  @UnparsedBody('application/json')
  @Answers(202, 'Taken, or of no concern. Every other answer asks PagerDuty to send it again, except 4xx.')
  async pagerduty(@Req() request: FastifyRequest): Promise<void> {
    this.webhooks.mustBeConfigured();
    const signature = request.headers['x-pagerduty-signature'];
    const body = await rawBody(request.raw);
    const now = microsOf(new Date().toISOString());
    await this.webhooks.take(body, typeof signature === 'string' ? signature : undefined, now);
  }
}
