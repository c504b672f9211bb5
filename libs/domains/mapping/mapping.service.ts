import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { bodyMapper } from './body-mapper';
import { mappingProblems } from './core/check-mapping';
import type { BodyMapper } from './core/mapped';
import type { MappingDefinition } from './core/mapping';
import { MappingSchema } from './mapping.schemas';

const MAPPING: DocumentKind<MappingDefinition> = { kind: 'mapping', body: MappingSchema };
type Mapping = Version<MappingDefinition>;

/** The mapping documents, and what they make of bodies. */
@Injectable()
export class MappingService {
  constructor(private readonly register: RegisterService) {}

  /** @throws DomainError `not_found` */
  mapping(id: string): Promise<Mapping> {
    return this.register.get(MAPPING, id);
  }

  /** As of a moment ago, for intake. @throws DomainError `not_found` */
  async current(id: string): Promise<MappingDefinition> {
    const all = await this.register.everyCurrentOf(MAPPING);
    return (all.get(id) ?? (await this.mapping(id))).body;
  }

  mappings(after: string, limit: number): Promise<(Mapping & { readonly id: string })[]> {
    return this.register.list(MAPPING, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Mapping[]> {
    return this.register.history(MAPPING, id, before, limit);
  }

  /** What reads one body by a mapping that has been checked. */
  readerOf(mapping: MappingDefinition): BodyMapper {
    return bodyMapper(mapping);
  }

  /** @throws DomainError `invalid` that names each place that is wrong */
  check(mapping: MappingDefinition): void {
    const wrong = mappingProblems(mapping);
    if (wrong.length > 0) throw invalid('invalid_mapping', 'the mapping cannot be used; errors lists why', wrong);
  }

  /**
   * @returns the version that the mapping has now
   * @throws DomainError `invalid`, see {@link check}; see RegisterService.change
   */
  async put(id: string, mapping: MappingDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    this.check(mapping);
    return this.register.change(MAPPING, id, mapping, expected, by, at);
  }
}
