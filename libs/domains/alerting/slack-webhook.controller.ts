import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { Answers, Audited, Public, UnparsedBody } from '@holdfast/platform/http';
import type { FastifyRequest } from 'fastify';
import { rawBody } from './raw-body';
import { SlackWebhookService } from './slack-webhook.service';

@Controller('v1/webhooks')
export class SlackWebhookController {
  constructor(private readonly slack: SlackWebhookService) {}

  @Post('slack')
  @HttpCode(200)
  @Public('Slack signs what it sends; the signature over time and raw body is verified')
  @Audited('decision')
  @UnparsedBody('application/x-www-form-urlencoded')
  @Answers(200, 'Taken, or of no concern.')
  async interaction(@Req() request: FastifyRequest): Promise<void> {
    this.slack.mustBeConfigured();
    const body = await rawBody(request.raw);
    const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = request.headers;
    await this.slack.take(body, textOf(timestamp), textOf(signature), Date.now() * 1000);
  }
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
