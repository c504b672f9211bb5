import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { Answers, Audited, Permission } from '@holdfast/platform/http';
import { z } from 'zod';
import { Instant } from './rule.schemas';
import { VerdictExportService } from './verdict-export.service';

const ExportQuery = z
  .strictObject({
    process: ProcessId,
    from: Instant,
    to: Instant,
    format: z.enum(['ndjson', 'csv']).default('ndjson'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' });
const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

@Controller('v1/verdict-exports')
export class VerdictExportController {
  constructor(private readonly exports: VerdictExportService) {}

  @Get()
  @Permission('reconciliations:read')
  @Audited('export')
  @Answers(
    200,
    'Windows that share time with [from, to), their revisions, discrepancies and decisions: NDJSON or CSV, streamed. The last line has the SHA-256 of all bytes before it; without it the export is cut off.',
    z.string(),
  )
  async export(@Query({ schema: ExportQuery }) { process, from, to, format }: z.output<typeof ExportQuery>) {
    return new StreamableFile(await this.exports.export(process, from, to, format), {
      type: TYPES[format],
      disposition: `attachment; filename="verdicts-${process}.${format}"`,
    });
  }
}
