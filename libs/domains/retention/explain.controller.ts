import { Controller, Get, Query } from '@nestjs/common';
import { Answers, Permission } from '@holdfast/platform/http';
import type { z } from 'zod';
import { dayOf } from './core/period';
import { ExplainService } from './explain.service';
import { ExplainAnswer, ExplainQuery } from './retention-policy.schemas';

@Controller('v1/retention')
export class ExplainController {
  constructor(private readonly explanations: ExplainService) {}

  @Get('explain')
  @Permission('retention:read')
  @Answers(
    200,
    'What becomes of the record, by which rule, and what lost. Of records by id or key, or of one by attributes.',
    ExplainAnswer,
  )
  explain(@Query({ schema: ExplainQuery }) { id, key, process, ...said }: z.output<typeof ExplainQuery>) {
    const at = Date.now() * 1000;
    if (id !== undefined || key !== undefined)
      return this.explanations.explainRecords(process!, id ?? '', key ?? '', at);
    const record = {
      process: process ?? '',
      class: said.class,
      categories: (said.categories ?? '').split(',').filter((one) => one !== ''),
      severity: said.severity ?? '',
      environment: said.environment ?? '',
      region: said.region ?? '',
      receivedOn: said.receivedOn === undefined ? dayOf(at) : dayOf(Date.parse(`${said.receivedOn}T00:00:00Z`) * 1000),
      startedOn: new Map<string, number>(),
    };
    return this.explanations.explainTraits(record, at);
  }
}
