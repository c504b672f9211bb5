import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import type { SourceDefinition } from './core/source';
import { SourceSchema } from './source.schemas';

/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';
const SOURCE: DocumentKind<SourceDefinition> = { kind: 'source', body: SourceSchema };

/** The systems that send events, as far as something is to be said of them. */
@Injectable()
export class SourceService {
  private seen: ReadonlyMap<string, Version<SourceDefinition>> | undefined;
  private sources: ReadonlyMap<string, SourceDefinition> = new Map();

  constructor(private readonly register: RegisterService) {}

  /** All of them by id, as of a moment ago (see STALENESS_MS): for hot paths. */
  async current(): Promise<ReadonlyMap<string, SourceDefinition>> {
    const all = await this.register.everyCurrentOf(SOURCE);
    if (all !== this.seen) {
      this.sources = new Map([...all].map(([id, { body }]) => [id, body]));
      this.seen = all;
    }
    return this.sources;
  }

  /** @throws DomainError `not_found` */
  source(id: string): Promise<Version<SourceDefinition>> {
    return this.register.get(SOURCE, id);
  }

  list(after: string, limit: number): Promise<(Version<SourceDefinition> & { readonly id: string })[]> {
    return this.register.list(SOURCE, after, limit);
  }

  history(id: string, before: number, limit: number): Promise<Version<SourceDefinition>[]> {
    return this.register.history(SOURCE, id, before, limit);
  }

  /** @returns the version that the source has now. @throws DomainError `invalid` when its escalation policy does not exist; as RegisterService.change does */
  async put(id: string, source: SourceDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const { escalationPolicy } = source;
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      throw invalid('unknown_escalation_policy', 'the source names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(SOURCE, id, source, expected, by, at);
  }
}
