import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { Answers, Caller, pageOf, Permission, type Principal, VersionedDocuments } from '@holdfast/platform/http';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { PersonDefinition } from './core/schedule';
import { ListQuery } from './oncall.schemas';
import { PersonAnswer, PersonId, PersonSchema } from './person.schemas';
import { PersonService } from './person.service';

@Controller('v1/people')
export class PersonController {
  private readonly documents: VersionedDocuments<PersonDefinition>;

  constructor(people: PersonService) {
    this.documents = new VersionedDocuments<PersonDefinition>('people', {
      list: (after, limit) => people.list(after, limit),
      get: (id) => people.person(id),
      history: (id, before, limit) => people.history(id, before, limit),
      put: (id, body, expected, by, at) => people.put(id, body, expected, by, at),
    });
  }

  @Get()
  @Permission('on-call:read')
  @Answers(200, 'People by id.', pageOf(PersonAnswer))
  list(@Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>) {
    return this.documents.list({ cursor, limit });
  }

  @Get(':id')
  @Permission('on-call:read')
  @Answers(200, 'The person, with the ETag of the version.', PersonAnswer)
  @Answers(304, 'If-None-Match names the version that the person has now.')
  get(
    @Param('id', { schema: PersonId }) id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.get(id, headers, reply);
  }

  @Get(':id/history')
  @Permission('on-call:read')
  @Answers(200, 'Versions of the person, newest first.', pageOf(PersonAnswer))
  history(
    @Param('id', { schema: PersonId }) id: string,
    @Query({ schema: ListQuery }) { cursor, limit }: z.output<typeof ListQuery>,
  ) {
    return this.documents.history(id, { cursor, limit });
  }

  @Put(':id')
  @Permission('on-call:write')
  @Answers(200, 'The version that the person has now.', PersonAnswer)
  put(
    @Param('id', { schema: PersonId }) id: string,
    @Body({ schema: PersonSchema }) person: PersonDefinition,
    @Headers() headers: Record<string, string | undefined>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.documents.put(id, person, headers, caller, reply);
  }
}
