import { Injectable } from '@nestjs/common';
import { ChannelDocumentsService } from '@holdfast/domains/channels/channel-documents.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import type { PersonDefinition } from './core/schedule';
import { PersonSchema } from './person.schemas';

const PERSON: DocumentKind<PersonDefinition> = { kind: 'person', body: PersonSchema };
type Person = Version<PersonDefinition>;

/** People who may be on call: versioned documents. */
@Injectable()
export class PersonService {
  constructor(
    private readonly register: RegisterService,
    private readonly channels: ChannelDocumentsService,
  ) {}

  /** @throws DomainError `not_found` */
  person(id: string): Promise<Person> {
    return this.register.get(PERSON, id);
  }

  list(after: string, limit: number): Promise<(Person & { readonly id: string })[]> {
    return this.register.list(PERSON, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Person[]> {
    return this.register.history(PERSON, id, before, limit);
  }

  /**
   * @returns the version that the person has now
   * @throws DomainError `invalid` when a contact names a channel that does not exist; as RegisterService.change does
   */
  async put(id: string, person: PersonDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const named = (person.contacts ?? []).flatMap((one, i) =>
      one.kind === 'channel' ? [{ field: `contacts.${i}.channel`, id: one.channel }] : [],
    );
    if (named.length > 0) await this.channels.mustExist(named);
    return this.register.change(PERSON, id, person, expected, by, at);
  }

  /** Everybody, as they are now. */
  everybody(): Promise<ReadonlyMap<string, Person>> {
    return this.register.everyCurrentOf(PERSON, true);
  }

  /** @param named ids with the fields that name them @throws DomainError `invalid` listing those who do not exist */
  async mustExist(named: readonly { readonly field: string; readonly id: string }[]): Promise<void> {
    const everybody = await this.everybody();
    const wrong: FieldProblem[] = named
      .filter(({ id }) => !everybody.has(id))
      .map(({ field }) => ({ field, reason: 'does not exist; PUT it under /v1/people first' }));
    if (wrong.length > 0)
      throw invalid('unknown_person', 'people are named who do not exist; errors lists them', wrong);
  }
}
