import { Controller, Get, Param, Query } from '@nestjs/common';
import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { formatInstant, microsOf } from '@holdfast/kernel';
import { Answers, Permission } from '@holdfast/platform/http';
import type { z } from 'zod';
import { KpiAnswer, KpiQuery } from './kpi.schemas';
import { KpiService } from './kpi.service';

@Controller('v1/processes/:id/kpis')
export class KpiController {
  constructor(private readonly kpis: KpiService) {}

  @Get()
  @Permission('quality:read')
  @Answers(200, 'How well the process goes, as percentiles, and up to when that is measured.', KpiAnswer)
  async get(
    @Param('id', { schema: ProcessId }) id: string,
    @Query({ schema: KpiQuery }) query: z.output<typeof KpiQuery>,
  ) {
    const { from, to, asOf, ...kpis } = await this.kpis.of(id, query, microsOf(new Date().toISOString()));
    return {
      ...{ from: formatInstant(from), to: formatInstant(to), asOf: asOf === null ? null : formatInstant(asOf) },
      ...kpis,
    };
  }
}
