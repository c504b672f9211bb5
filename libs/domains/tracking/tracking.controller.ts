import { PassThrough, type Readable } from 'node:stream';
import { Controller, Get, HttpCode, Logger, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { DomainError, formatInstant, invalid } from '@holdfast/kernel';
import { MappingService } from '@holdfast/domains/mapping/mapping.service';
import {
  Answers,
  ByIntakeOwner,
  cursorOf,
  NotAudited,
  pageOf,
  paginate,
  Permission,
  problemFor,
  UnparsedBody,
} from '@holdfast/platform/http';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type CorrectedEntry, TIMELINE_START } from './core/timeline';
import { IntakeService, type Receipt } from './intake/intake.service';
import { BODY_TYPES, readBody, type Body, type Mapping } from './intake/read-body';
import {
  AccountAnswer,
  IntakeQuery,
  ReceiptAnswer,
  ReceiveQuery,
  TimelineAnswer,
  TimelineQuery,
} from './tracking.schemas';
import { TrackingService } from './tracking.service';

const time = z.int().min(0);
const hash = z.string().refine((text) => /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n);
const timelinePlace = cursorOf(
  'events',
  z.tuple([time, z.string(), z.string(), z.int().min(0).max(65_535), time, hash]),
);

const LINES = 'application/x-ndjson';

@Controller('v1')
export class TrackingController {
  private readonly log = new Logger('Intake');

  constructor(
    private readonly intake: IntakeService,
    private readonly tracking: TrackingService,
    private readonly mappings: MappingService,
  ) {}

  @Post('events')
  @HttpCode(200)
  @Permission('events:write')
  @NotAudited('each record is accounted for: what came, from whom, and what became of it')
  @ByIntakeOwner()
  @UnparsedBody(...BODY_TYPES, '*/*')
  @Answers(
    200,
    'What became of the records; the good ones are durable. With `Accept: application/x-ndjson`, a line `{"acknowledged": n, ...}` after each batch: all up to record n is durable.',
    ReceiptAnswer,
  )
  async receive(
    @Req() request: FastifyRequest,
    @Query({ schema: ReceiveQuery }) { mapping }: z.output<typeof ReceiveQuery>,
  ) {
    const body = readBody(request.raw, mapping === undefined ? undefined : await this.mappingOf(mapping));
    if (asksForLines(request.headers.accept)) return new StreamableFile(this.acknowledging(body), { type: LINES });
    return acknowledged(await this.intake.receive(body), request.raw.headers['content-type']);
  }

  private async mappingOf(id: string): Promise<Mapping> {
    const definition = await this.mappings.current(id);
    return { definition, mapper: this.mappings.readerOf(definition) };
  }

  /** Lines while a body is read: progress, and at the end the receipt or a problem. What was acknowledged stays, whatever comes after. */
  private acknowledging(body: Body): Readable {
    this.intake.admit(); // as long as it can be told by the status
    const out = new PassThrough();
    const tell = (line: unknown): boolean => out.writable && out.write(`${JSON.stringify(line)}\n`);
    const end = (line: unknown): void => {
      tell(line);
      out.end();
    };
    const failed = (error: unknown): void => {
      if (!(error instanceof DomainError)) this.log.error(error);
      end({ problem: problemFor(error) });
    };
    this.intake
      .receive(body, { stored: tell, failed })
      .then(({ broken, ...receipt }) => (broken ? failed(brokenBody(broken, receipt)) : end({ done: receipt })))
      .catch(failed);
    return out;
  }

  @Get('events')
  @Permission('events:read')
  @Answers(200, 'The timeline of one key.', pageOf(TimelineAnswer))
  async timeline(@Query({ schema: TimelineQuery }) query: z.output<typeof TimelineQuery>) {
    const { process, key, order, data, cursor, limit } = query;
    if (order === 'corrected')
      return timelineAnswer(await this.tracking.correctedTimeline(process, key, data === 'newest'));
    const entries = await this.tracking.timeline(
      process,
      key,
      cursor === undefined ? TIMELINE_START : positionOf(cursor),
      limit + 1,
      data === 'newest',
    );
    const { items, next } = paginate(
      entries,
      limit,
      timelinePlace,
      (last) => [last.occurredAt, last.source, last.id, last.attempt, last.receivedAt, last.payloadHash] as const,
    );
    return timelineAnswer(items, next);
  }

  @Get('intake')
  @Permission('intake:read')
  @Answers(
    200,
    'The account of what was received: received = stored + duplicate + conflict + quarantined + rejected + sampledOut.',
    AccountAnswer,
  )
  account(@Query({ schema: IntakeQuery }) { source, from, to }: z.output<typeof IntakeQuery>) {
    return this.tracking.account(source, from, to);
  }
}

const brokenBody = (
  { line, reason, code }: NonNullable<Receipt['broken']>,
  receipt: Omit<Receipt, 'broken'>,
): DomainError =>
  new DomainError(
    'invalid',
    code,
    `the body could not be read beyond record ${line - 1}: ${reason}; what is counted is stored`,
    { extra: { ...receipt, line } },
  );

const asksForLines = (accept = ''): boolean =>
  accept.split(',').some((range) => range.split(';', 1)[0]!.trim().toLowerCase() === LINES);

/** 200 when something was taken; a body that broke, or holds nothing to take, is a problem that carries the counts of what stays. */
function acknowledged({ broken, ...receipt }: Receipt, contentType = ''): Omit<Receipt, 'broken'> {
  if (broken) throw brokenBody(broken, receipt);
  const { received, conflict, rejected } = receipt;
  if (received === 0) {
    if (receipt.skipped !== undefined) return receipt;
    if (/^application\/cloudevents-batch\+json/i.test(contentType)) return receipt; // which may be empty
    throw invalid('body_empty', 'the body holds no record');
  }
  if (received > conflict + rejected) return receipt;
  if (rejected > 0) {
    const fields = receipt.problems.map(({ line, field, reason }) => ({
      field: received === 1 ? field : `${line}:${field}`,
      reason,
    }));
    throw new DomainError('invalid', 'all_rejected', 'no record of the body could be stored', {
      fields,
      extra: { ...receipt },
    });
  }
  throw new DomainError(
    'conflict',
    'record_conflict',
    `${conflict} records are stored with another payload; both are kept`,
    { extra: { ...receipt } },
  );
}

function positionOf(cursor: string) {
  const [afterAt, afterSource, afterId, afterAttempt, afterReceived, afterHash] = timelinePlace.decode(cursor);
  return { afterAt, afterSource, afterId, afterAttempt, afterReceived, afterHash };
}

/** As a text, in which data stand as they are: to parse them would round long numbers. */
function timelineAnswer(entries: readonly CorrectedEntry[], next?: string): StreamableFile {
  const items = entries.map((entry) => `${JSON.stringify(entryAnswer(entry)).slice(0, -1)},"data":${entry.data}}`);
  const end = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
  return new StreamableFile(Buffer.from(`{"items":[${items.join(',')}]${end}}`), { type: JSON_TYPE });
}
const JSON_TYPE = 'application/json; charset=utf-8';

const entryAnswer = ({
  payloadHash: _,
  firstReceivedAt: __,
  correlationId,
  sequence,
  data: _data,
  occurredText,
  occurredNote,
  originText,
  originNote,
  attributes,
  contractVersion,
  breach,
  categories,
  sensitivity,
  correctedAt,
  ...entry
}: CorrectedEntry) => ({
  ...entry,
  occurredAt: formatInstant(entry.occurredAt),
  ...(correctedAt !== entry.occurredAt && { correctedAt: formatInstant(correctedAt) }),
  originAt: formatInstant(entry.originAt),
  receivedAt: formatInstant(entry.receivedAt),
  ...(occurredText !== '' && { occurredText }),
  ...(occurredNote !== 'none' && { occurredNote }),
  ...(originText !== '' && { originText }),
  ...(originNote !== 'none' && { originNote }),
  ...(correlationId !== '' && { correlationId }),
  ...(sequence !== null && { sequence }),
  ...(attributes !== '' && { attributes: JSON.parse(attributes) as Record<string, unknown> }),
  ...(contractVersion > 0 && { contractVersion }),
  ...(breach !== '' && { breach }),
  ...(categories !== '' && { categories: categories.split(',') }),
  ...(sensitivity !== 'public' && { sensitivity }),
});
