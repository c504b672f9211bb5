import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Answers, Caller, Idempotent, Permission, type Page, type Principal } from '@holdfast/platform/http';
import type { z } from 'zod';
import {
  CreatedKeySchema,
  KeyIdSchema,
  KeyPageSchema,
  ListKeysSchema,
  NewKeySchema,
  type CreatedKey,
  type KeyView,
  type NewKey,
} from './access.schemas';
import { AccessService } from './access.service';

@Controller('v1/keys')
export class AccessController {
  constructor(@Inject(AccessService) private readonly access: AccessService) {}

  /** The secret is in this one answer. It is not kept for repeats: they are refused with `secret_already_shown`, which names the key that was made. */
  @Post()
  @Permission('keys:manage')
  @Idempotent({ keepOnly: ['id'] })
  @Answers(201, 'The key; its secret is shown this once', CreatedKeySchema)
  create(@Body({ schema: NewKeySchema }) wanted: NewKey, @Caller() caller: Principal): Promise<CreatedKey> {
    return this.access.createKey(wanted, caller);
  }

  @Get()
  @Permission('keys:manage')
  @Answers(200, 'Keys in the order in which they were made', KeyPageSchema)
  list(@Query({ schema: ListKeysSchema }) query: z.output<typeof ListKeysSchema>): Promise<Page<KeyView>> {
    return this.access.listKeys(query.limit, query.cursor);
  }

  @Delete(':id')
  @HttpCode(204)
  @Permission('keys:manage')
  @Answers(204, 'The key is revoked; other processes follow within 5 s')
  revoke(@Param('id', { schema: KeyIdSchema }) id: string, @Caller() caller: Principal): Promise<void> {
    return this.access.revokeKey(id, caller);
  }
}
