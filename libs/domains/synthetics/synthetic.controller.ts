import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { formatInstant } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  pageOf,
  paginate,
  Permission,
  type Principal,
  VersionedDocuments,
} from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type KeptProbe, NEWEST } from './core/probe';
import type { SyntheticDefinition } from './core/synthetic';
import {
  ListQuery,
  ProbeAnswer,
  ProbeQuery,
  StatusAnswer,
  SyntheticAnswer,
  SyntheticId,
  SyntheticSchema,
} from './synthetic.schemas';
import { SyntheticService } from './synthetic.service';

const byTime = cursorOf('probes', z.tuple([z.int()]));
const orNull = (text: string): string | null => (text === '' ? null : text);
const probeAnswer = ({ instant, stage, hop, fault, took, ...probe }: KeptProbe) => ({
  at: formatInstant(instant),
  ...probe,
  ...{ stage: orNull(stage), hop: orNull(hop), fault: orNull(fault) },
  tookMs: Object.fromEntries(Object.entries(took).map(([name, micros]) => [name, Math.round(micros / 1000)])),
});

@Controller('v1/synthetic-transactions')
export class SyntheticController {
  private readonly documents: VersionedDocuments<SyntheticDefinition>;

  constructor(private readonly synthetics: SyntheticService) {
    this.documents = new VersionedDocuments<SyntheticDefinition>('synthetic-transactions', {
      list: (after, limit) => synthetics.list(after, limit),
      get: (id) => synthetics.synthetic(id),
      history: (id, before, limit) => synthetics.history(id, before, limit),
      put: (id, body, expected, by, at) => synthetics.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('synthetics:read')
  @Answers(200, 'Synthetic transactions by id.', pageOf(SyntheticAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('synthetics:read')
  @Answers(200, 'The synthetic transaction, with the ETag of its version.', SyntheticAnswer)
  @Answers(304, 'If-None-Match names the version that it has now.')
  get(
    @Param('id', { schema: SyntheticId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('synthetics:read')
  @Answers(200, 'Versions of the synthetic transaction, newest first.', pageOf(SyntheticAnswer))
  history(
    @Param('id', { schema: SyntheticId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('synthetics:write')
  @Answers(
    200,
    'The version that the synthetic transaction has now. One that is disabled has its alert ended.',
    SyntheticAnswer,
  )
  put(
    @Param('id', { schema: SyntheticId }) id: string,
    @Body({ schema: SyntheticSchema }) body: SyntheticDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, body, headers, caller, reply);
  }

  @Get(':id/probes')
  @Permission('synthetics:read')
  @Answers(200, 'Probes and how they ended, newest first.', pageOf(ProbeAnswer))
  async probes(
    @Param('id', { schema: SyntheticId }) id: string,
    @Query({ schema: ProbeQuery }) { before = NEWEST, cursor, limit }: z.output<typeof ProbeQuery>,
  ) {
    const [behind] = cursor === undefined ? [before] : byTime.decode(cursor);
    const found = await this.synthetics.probes(id, behind, limit + 1);
    const { items, next } = paginate(found, limit, byTime, (last) => [last.instant] as const);
    return { items: items.map(probeAnswer), ...(next !== undefined && { next }) };
  }

  @Get(':id/status')
  @Permission('synthetics:read')
  @Answers(200, 'Whether probes get through.', StatusAnswer)
  async status(@Param('id', { schema: SyntheticId }) id: string) {
    const { failures, alert = null, last } = await this.synthetics.status(id);
    return {
      id,
      failuresInARow: failures?.failures ?? 0,
      failingSince: failures ? formatInstant(failures.first) : null,
      alert,
      last: last ? probeAnswer(last) : null,
    };
  }

  @Post(':id/probe')
  @HttpCode(200)
  @Permission('synthetics:write')
  @Answers(
    200,
    'A probe that was sent now, and how it ended. One that takes longer than 20 s goes on after a 503, and is listed.',
    ProbeAnswer,
  )
  async probe(@Param('id', { schema: SyntheticId }) id: string) {
    return probeAnswer(await this.synthetics.probe(id));
  }
}
