import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import {
  Answers,
  Caller,
  cursorOf,
  Idempotent,
  pageOf,
  paginate,
  Permission,
  type Principal,
} from '@holdfast/platform/http';
import { z } from 'zod';
import * as schemas from './archives.schemas';
import { ArchivesService, type StoredArchive, type StoredArchiveObject, type StoredRestore } from './archives.service';
import type { ArchivedRecord } from './archive-query';

const byTime = cursorOf('archives', z.tuple([z.int(), z.string()]));
const byPlace = cursorOf('restored-records', z.tuple([z.int()]));
const NEWEST: readonly [number, string] = [9_000_000_000_000_000, ''];
const now = (): Micros => Date.now() * 1000;
const { orNull, timeOrNull } = schemas;

function archiveAnswer(of: StoredArchive) {
  return {
    ...{ id: of.archive, class: of.class, period: of.period, state: of.state, fault: orNull(of.fault) },
    policy: orNull(of.policy),
    policyVersion: of.policy === '' ? null : of.policyVersion,
    ...{ keyId: of.keyId, objects: of.objects, rows: of.rows, hash: of.hash },
    manifestSha256: orNull(of.manifestSha256),
    retainUntil: timeOrNull(of.retainUntil),
    requestedBy: of.requestedBy,
    requestedAt: formatInstant(of.requestedAt),
    changedAt: formatInstant(of.changedAt),
  };
}
const objectAnswer = ({
  number,
  object,
  rows,
  hash,
  plainBytes,
  sealedBytes,
  sealedSha256,
  bounds,
}: StoredArchiveObject) => ({
  ...{ number, object, rows, hash, plainBytes, sealedBytes, sealedSha256 },
  ...{ process: bounds.process, key: bounds.key },
  originAt: bounds.originAt.map(formatInstant),
});
const restoreAnswer = ({ restore, archive, state, fault, rows, erased, requestedBy, ...times }: StoredRestore) => ({
  ...{ id: restore, archive, state, fault: orNull(fault), rows, erased, requestedBy },
  requestedAt: formatInstant(times.requestedAt),
  expiresAt: formatInstant(times.expiresAt),
});

function recordAnswer({ occurredAt, originAt, receivedAt, ...record }: Omit<ArchivedRecord, 'sign'>) {
  const { process, key, stage, source, id, attempt, type, outcome, correlationId, data, isErased } = record;
  return {
    ...{ process, key, stage, source, id, attempt, type, outcome },
    ...{
      occurredAt: formatInstant(occurredAt),
      originAt: formatInstant(originAt),
      receivedAt: formatInstant(receivedAt),
    },
    ...{ correlationId: orNull(correlationId), data: parsed(data), erased: isErased },
  };
}

/** What was quarantined need not be JSON. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** Archives of partitions, as they lie in their store and restored beside the records. */
@Controller('v1')
export class ArchivesController {
  constructor(private readonly archives: ArchivesService) {}

  @Post('archives')
  @HttpCode(202)
  @Permission('archives:write')
  @Idempotent()
  @Answers(202, 'It is written, read back and then kept; GET shows how far it is.', schemas.IdAnswer)
  async write(
    @Body({ schema: schemas.ArchiveSchema }) body: z.output<typeof schemas.ArchiveSchema>,
    @Caller() caller: Principal,
  ) {
    const { class: kept, period, retainUntil = 0 } = body;
    const of = { class: kept, period, retainUntil, policy: '', policyVersion: 0, requestedBy: caller.id };
    return { id: await this.archives.write(of, now()) };
  }

  @Get('archives')
  @Permission('archives:read')
  @Answers(200, 'Archives, the newest first.', pageOf(schemas.ArchiveAnswer))
  async list(@Query({ schema: schemas.ArchivesQuery }) query: z.output<typeof schemas.ArchivesQuery>) {
    const { class: kept = '', period = '', cursor, limit } = query;
    const [beforeAt, before] = cursor === undefined ? NEWEST : byTime.decode(cursor);
    const found = await this.archives.archives({ class: kept, period }, beforeAt, before, limit + 1);
    const { items, next } = paginate(found, limit, byTime, (last) => [last.requestedAt, last.archive] as const);
    return { items: items.map(archiveAnswer), ...(next !== undefined && { next }) };
  }

  @Get('archives/:id')
  @Permission('archives:read')
  @Answers(200, 'The archive with its objects.', schemas.ArchiveWithObjectsAnswer)
  async get(@Param('id', { schema: schemas.ArchiveId }) id: string) {
    const { written, ...archive } = await this.archives.archive(id);
    return { ...archiveAnswer(archive), written: written.map(objectAnswer) };
  }

  @Post('archives/:id/verify')
  @HttpCode(202)
  @Permission('archives:write')
  @Answers(202, 'It is read back from its store to the end; GET shows what was found.', schemas.StartedAnswer)
  async verify(@Param('id', { schema: schemas.ArchiveId }) id: string) {
    await this.archives.verify(id);
    return { started: true as const };
  }

  @Post('archives/:id/query')
  @HttpCode(200)
  @Permission('archives:query')
  @Answers(200, 'Records as they lie in the archive, in the order of process and hour of origin.', schemas.QueryAnswer)
  async query(
    @Param('id', { schema: schemas.ArchiveId }) id: string,
    @Body({ schema: schemas.QuerySchema }) { limit, ...filter }: z.output<typeof schemas.QuerySchema>,
  ) {
    const { records, hasMore, objectsRead, objectsSkipped } = await this.archives.query(id, filter, limit);
    return { items: records.map(recordAnswer), more: hasMore, objectsRead, objectsSkipped };
  }

  @Post('archives/:id/restores')
  @HttpCode(202)
  @Permission('archives:write')
  @Idempotent()
  @Answers(202, 'Its records are put beside those that count, for a time.', schemas.IdAnswer)
  async restore(
    @Param('id', { schema: schemas.ArchiveId }) id: string,
    @Body({ schema: schemas.RestoreSchema }) { days }: z.output<typeof schemas.RestoreSchema>,
    @Caller() caller: Principal,
  ) {
    return { id: await this.archives.restore(id, schemas.expiryOf(days, now()), caller.id, now()) };
  }

  @Get('archive-restores/:id')
  @Permission('archives:read')
  @Answers(200, 'The restore, and how far it is.', schemas.RestoreAnswer)
  async restored(@Param('id', { schema: schemas.RestoreId }) id: string) {
    return restoreAnswer(await this.archives.restored(id));
  }

  @Get('archive-restores/:id/records')
  @Permission('archives:query')
  @Answers(200, 'Restored records, as the privacy policy of today has people see them.', pageOf(schemas.RecordAnswer))
  async records(
    @Param('id', { schema: schemas.RestoreId }) restore: string,
    @Query({ schema: schemas.RecordsQuery }) query: z.output<typeof schemas.RecordsQuery>,
  ) {
    const { process = '', key = '', cursor, limit } = query;
    const [skip] = cursor === undefined ? [0] : byPlace.decode(cursor);
    const found = await this.archives.records({ restore, process, key }, skip, limit + 1);
    const { items, next } = paginate(found, limit, byPlace, () => [skip + limit] as const);
    return { items: items.map(recordAnswer), ...(next !== undefined && { next }) };
  }

  @Post('archive-drills')
  @HttpCode(202)
  @Permission('archives:write')
  @Answers(202, 'The archive whose last drill is the longest ago is restored for practice.', schemas.StartedAnswer)
  async drill() {
    await this.archives.drill();
    return { started: true as const };
  }

  @Get('archive-drills')
  @Permission('archives:read')
  @Answers(200, 'Drills, the newest first.', z.object({ items: z.array(schemas.DrillAnswer) }))
  async drills(@Query({ schema: schemas.DrillsQuery }) { archive = '', limit }: z.output<typeof schemas.DrillsQuery>) {
    const items = (await this.archives.drills(archive, limit)).map(({ atMicros, fault, ...drill }) => ({
      ...drill,
      at: formatInstant(atMicros),
      fault: orNull(fault),
    }));
    return { items };
  }
}
