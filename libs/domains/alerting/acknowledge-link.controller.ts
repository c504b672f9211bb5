import { Controller, Get, HttpCode, Param, Post, Res, StreamableFile } from '@nestjs/common';
import { DomainError, microsOf } from '@holdfast/kernel';
import { Answers, Audited, htmlPage, htmlText, Public, UnparsedBody } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { AcknowledgeLinkService } from './acknowledge-link.service';
import { AlertId } from './alerting.schemas';
import { AlertingService } from './alerting.service';

const Token = z.string().max(200);
const now = () => microsOf(new Date().toISOString());

/** What a responder sees who follows the link of a page. Following it shows; only the button acknowledges: mail scanners follow links too. */
@Controller('v1/acknowledge')
export class AcknowledgeLinkController {
  constructor(
    private readonly links: AcknowledgeLinkService,
    private readonly alerting: AlertingService,
  ) {}

  @Get(':id/:token')
  @Public('The link is signed for one alert; it shows what broke and a button')
  @Answers(200, 'A page with a button that acknowledges.', z.string())
  async show(
    @Param('id', { schema: AlertId }) id: string,
    @Param('token', { schema: Token }) token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    this.links.verify(id, token, now());
    const { state, acknowledgedBy, context, severity } = await this.alerting.alert(id);
    const title = context?.summary ?? id;
    const standing = state === 'acknowledged' ? `acknowledged by ${acknowledgedBy ?? ''}` : state;
    const button = '<form method="post"><button type="submit">I take care of it</button></form>';
    return answer(
      reply,
      title,
      `<p>${htmlText(severity)}, ${htmlText(standing)}</p>${state === 'open' || state === 'snoozed' ? button : ''}`,
    );
  }

  @Post(':id/:token')
  @HttpCode(200)
  @Public('The link is signed for one alert')
  @Audited('decision')
  @UnparsedBody('application/x-www-form-urlencoded')
  @Answers(200, 'A page that says that it is acknowledged, or was.', z.string())
  async acknowledge(
    @Param('id', { schema: AlertId }) id: string,
    @Param('token', { schema: Token }) token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const person = this.links.verify(id, token, now());
    try {
      await this.alerting.acknowledge(id, `link:${person}`, now(), 'link');
    } catch (error) {
      // Somebody was quicker, or it has healed: the page says how it stands.
      if (!(error instanceof DomainError) || error.kind !== 'conflict') throw error;
    }
    const { state, acknowledgedBy } = await this.alerting.alert(id);
    return answer(reply, id, `<p>${htmlText(state)}${acknowledgedBy ? ` by ${htmlText(acknowledgedBy)}` : ''}</p>`);
  }
}

function answer(reply: FastifyReply, title: string, body: string): StreamableFile {
  void reply
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer');
  const page = htmlPage(title, `<h1>${htmlText(title)}</h1>${body}`);
  return new StreamableFile(Buffer.from(page), { type: 'text/html; charset=utf-8' });
}
