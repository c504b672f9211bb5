import { Controller, Get, HttpCode, Param, Post, Res, StreamableFile } from '@nestjs/common';
import { Answers, htmlPage, htmlText, Public, UnparsedBody } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { HoldLinkService } from './hold-link.service';
import { HoldId } from './hold.schemas';
import { HoldService } from './hold.service';

const Token = z.string().max(300);
const now = (): number => Date.now() * 1000;

/** What a custodian sees who follows the link of a notice. Following it shows; only the button acknowledges: mail scanners follow links too. */
@Controller('v1/hold-acknowledgements')
export class HoldLinkController {
  constructor(
    private readonly links: HoldLinkService,
    private readonly holds: HoldService,
  ) {}

  @Get(':id/:token')
  @Public('The link is signed for one custodian of one hold; it shows what to keep and a button')
  @Answers(200, 'A page with a button that acknowledges.', z.string())
  async show(
    @Param('id', { schema: HoldId }) id: string,
    @Param('token', { schema: Token }) token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    this.links.verify(id, token, now());
    const { terms } = await this.holds.hold(id);
    const what = terms.description === undefined ? '' : `<p>${htmlText(terms.description)}</p>`;
    const button = '<form method="post"><button type="submit">I know of it</button></form>';
    return answer(
      reply,
      `Legal hold: ${terms.matter}`,
      `${what}<p>Delete nothing of it until it is released.</p>${button}`,
    );
  }

  @Post(':id/:token')
  @HttpCode(200)
  @Public('The link is signed for one custodian of one hold')
  @UnparsedBody('application/x-www-form-urlencoded')
  @Answers(200, 'A page that says that it is acknowledged.', z.string())
  async acknowledge(
    @Param('id', { schema: HoldId }) id: string,
    @Param('token', { schema: Token }) token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const custodian = this.links.verify(id, token, now());
    const { terms } = await this.holds.acknowledge(id, custodian, 'link', `link:${custodian}`, now());
    return answer(reply, `Legal hold: ${terms.matter}`, '<p>Noted. Thank you.</p>');
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
