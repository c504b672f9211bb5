import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { Answers, Caller, cursorOf, pageOf, paginate, Permission, type Principal } from '@holdfast/platform/http';
import { z } from 'zod';
import * as schemas from './archives.schemas';
import { ArchivesService } from './archives.service';
import { DestructionService, type StoredDestruction } from './destruction.service';

const byId = cursorOf('archive-keys', z.tuple([z.string()]));
const now = (): Micros => Date.now() * 1000;
const { orNull } = schemas;

const destructionAnswer = ({ keyId, state, reason, requestedBy, answeredBy, ...times }: StoredDestruction) => ({
  ...{ key: keyId, state, reason, requestedBy, answeredBy: orNull(answeredBy) },
  requestedAt: formatInstant(times.requestedAt),
  approveBy: formatInstant(times.approveBy),
});

/** Keys that archives are sealed with: which there are, who wraps them, and their end. */
@Controller('v1/archive-keys')
export class ArchiveKeyController {
  constructor(
    private readonly archives: ArchivesService,
    private readonly destructions: DestructionService,
  ) {}

  @Get()
  @Permission('archives:read')
  @Answers(200, 'Keys by id; never the keys themselves.', pageOf(schemas.KeyAnswer))
  async list(@Query({ schema: schemas.KeysQuery }) { cursor, limit }: z.output<typeof schemas.KeysQuery>) {
    const [after] = cursor === undefined ? [''] : byId.decode(cursor);
    const found = await this.archives.keys(after, limit + 1);
    const { items, next } = paginate(found, limit, byId, (last) => [last.keyId] as const);
    const answers = items.map(({ keyId, class: kept, period, fingerprint, wrappedBy, isDestroyed }) => ({
      ...{ id: keyId, class: kept, period, fingerprint, wrappedBy: orNull(wrappedBy), destroyed: isDestroyed },
    }));
    return { items: answers, ...(next !== undefined && { next }) };
  }

  @Post('rotate')
  @HttpCode(202)
  @Permission('archives:manage-keys')
  @Answers(202, 'The keys of all archives are wrapped anew; archives stay as they are.', schemas.StartedAnswer)
  async rotate(@Body({ schema: schemas.RotateSchema }) { newKey }: z.output<typeof schemas.RotateSchema>) {
    await this.archives.rotate(newKey);
    return { started: true as const };
  }

  @Post(':id/destruction')
  @HttpCode(202)
  @Permission('archives:manage-keys')
  @Answers(202, 'It waits for the approval of somebody else.', schemas.DestructionAnswer)
  async request(
    @Param('id', { schema: schemas.KeyId }) id: string,
    @Body({ schema: schemas.DestroySchema }) { reason }: z.output<typeof schemas.DestroySchema>,
    @Caller() caller: Principal,
  ) {
    return destructionAnswer(await this.destructions.request(id, reason, caller.id, now()));
  }

  @Get(':id/destruction')
  @Permission('archives:read')
  @Answers(200, 'The request to destroy the key, and what became of it.', schemas.DestructionAnswer)
  async show(@Param('id', { schema: schemas.KeyId }) id: string) {
    return destructionAnswer(await this.destructions.destruction(id));
  }

  @Post(':id/destruction/approve')
  @HttpCode(200)
  @Permission('archives:manage-keys')
  @Answers(200, 'The key is destroyed, and everything that it sealed with it.', schemas.DestructionAnswer)
  async approve(@Param('id', { schema: schemas.KeyId }) id: string, @Caller() caller: Principal) {
    return destructionAnswer(await this.destructions.answer(id, 'approved', caller.id));
  }

  @Post(':id/destruction/refuse')
  @HttpCode(200)
  @Permission('archives:manage-keys')
  @Answers(200, 'The key stays.', schemas.DestructionAnswer)
  async refuse(@Param('id', { schema: schemas.KeyId }) id: string, @Caller() caller: Principal) {
    return destructionAnswer(await this.destructions.answer(id, 'refused', caller.id));
  }
}
