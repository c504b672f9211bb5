import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { ComparisonDocumentSchema } from './comparisons.schemas';
import { ConfiguredConnections } from './configured-connections';
import { checkDefinition } from './core/plan';
import type { ComparisonDocument } from './core/run';

/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';
const COMPARISON: DocumentKind<ComparisonDocument> = { kind: 'comparison', body: ComparisonDocumentSchema };

/** What is compared with what, again and again. */
@Injectable()
export class ComparisonDefinitionService {
  constructor(
    private readonly register: RegisterService,
    private readonly connections: ConfiguredConnections,
  ) {}

  /** @throws DomainError `not_found` */
  definition(id: string): Promise<Version<ComparisonDocument>> {
    return this.register.get(COMPARISON, id);
  }

  list(after: string, limit: number): Promise<(Version<ComparisonDocument> & { readonly id: string })[]> {
    return this.register.list(COMPARISON, after, limit);
  }

  history(id: string, before: number, limit: number): Promise<Version<ComparisonDocument>[]> {
    return this.register.history(COMPARISON, id, before, limit);
  }

  /** @returns the version that it has now. @throws DomainError `invalid`, naming the field; as RegisterService.change does */
  async put(id: string, document: ComparisonDocument, expected: Expected, by: string, at: Micros): Promise<number> {
    checkDefinition(document);
    this.connections.check(document);
    const { escalationPolicy } = document;
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      throw invalid('unknown_escalation_policy', 'the comparison names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(COMPARISON, id, document, expected, by, at);
  }
}
