import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { Answers, Permission } from '@holdfast/platform/http';
import type { z } from 'zod';
import { MappingPreviewService } from './mapping-preview.service';
import { PreviewAnswer, PreviewRequest } from './tracking.schemas';

/** Here and not with the mappings: what would be stored is for intake to say. */
@Controller('v1/mappings/preview')
export class MappingPreviewController {
  constructor(private readonly previews: MappingPreviewService) {}

  @Post()
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  @Permission('mappings:read')
  @Answers(200, 'What the first records of a body would become. Nothing is stored.', PreviewAnswer)
  preview(@Body({ schema: PreviewRequest }) request: z.output<typeof PreviewRequest>) {
    return this.previews.preview(request);
  }
}
