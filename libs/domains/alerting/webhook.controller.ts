import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { DomainError, invalid, microsOf } from '@holdfast/kernel';
import { Answers, Public, UnparsedBody } from '@holdfast/platform/http';
import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { WebhookService } from './webhook.service';

/** Bytes of a delivery; PagerDuty's are a few thousand. */
const LIMIT = 1_048_576;

@Controller('v1/webhooks')
export class WebhookController {
  constructor(@Inject(WebhookService) private readonly webhooks: WebhookService) {}

  @Post('pagerduty')
  @HttpCode(202)
  @Public('PagerDuty signs what it sends; the signature over the raw body is verified')
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

/** @throws DomainError `too_large`; `invalid` when the sender breaks off */
async function rawBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // What is too much is read to its end and thrown away: the answer would get lost in a connection that breaks.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= LIMIT) chunks.push(chunk);
    }
  } catch {
    throw invalid('incomplete_body', 'the body ended before it was whole');
  }
  if (length > LIMIT)
    throw new DomainError('too_large', 'body_too_large', `the body is larger than ${LIMIT} bytes`, {
      extra: { limitBytes: LIMIT },
    });
  return Buffer.concat(chunks);
}
