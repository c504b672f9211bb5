import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { comparedStages } from '@holdfast/domains/catalog/core/process';
import { DataSetKeysService } from '@holdfast/domains/comparisons/data-set-keys.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import { startOrJoin } from '@holdfast/platform/temporal';
import { checkReference } from '@holdfast/workflows/quality/check-reference/contract';
import { Client } from '@temporalio/client';
import type { Business, Check, ReferenceDefinition } from './core/reference';
import { ReferenceSchema } from './reference.schemas';
import { ReferenceStore } from './reference.store';

const REFERENCE: DocumentKind<ReferenceDefinition> = { kind: 'reference', body: ReferenceSchema };
const POLICY_KIND = 'escalation-policy';

export type Reference = Version<ReferenceDefinition>;

/** References between what is tracked and business data, and what came of checking them. */
@Injectable()
export class ReferenceService {
  constructor(
    private readonly register: RegisterService,
    private readonly catalog: CatalogService,
    private readonly store: ReferenceStore,
    private readonly dataSets: DataSetKeysService,
    private readonly temporal: Client,
  ) {}

  /** @throws DomainError `not_found` */
  reference(id: string): Promise<Reference> {
    return this.register.get(REFERENCE, id);
  }

  list(after: string, limit: number): Promise<(Reference & { readonly id: string })[]> {
    return this.register.list(REFERENCE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Reference[]> {
    return this.register.history(REFERENCE, id, before, limit);
  }

  /** Those that are to be checked by themselves. */
  async enabled(): Promise<{ readonly id: string; readonly everySeconds: number }[]> {
    const all = await this.register.everyCurrentOf(REFERENCE, true);
    return [...all].flatMap(([id, { body }]) => (body.enabled ? [{ id, everySeconds: body.everySeconds }] : []));
  }

  /**
   * @returns the version that the reference has now
   * @throws DomainError `invalid` when a process, stage, connection or policy does not exist, or both sides are the same; as RegisterService.change does
   */
  async put(id: string, reference: ReferenceDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const { process, stage, business, escalationPolicy } = reference;
    const wrong = [...(await this.problemsOf('', process, stage)), ...(await this.problemsOfBusiness(business))];
    if (business.kind === 'stage' && process === business.process && stage === business.stage)
      wrong.push({ field: 'business', reason: 'must be another stage than the one that is tracked' });
    if (wrong.length > 0) throw invalid('unusable_reference', 'the reference cannot be checked', wrong);
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      throw invalid('unknown_escalation_policy', 'the reference names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(REFERENCE, id, reference, expected, by, at);
  }

  /** Of a data set, its connection alone: who answers requests has no credentials of other stores. */
  private async problemsOfBusiness(business: Business): Promise<FieldProblem[]> {
    if (business.kind === 'stage') return this.problemsOf('business.', business.process, business.stage);
    const reason = this.dataSets.connectionProblem(business.dataSet);
    return reason === undefined ? [] : [{ field: 'business.dataSet.connection', reason }];
  }

  private async problemsOf(prefix: string, id: string, stage: string): Promise<FieldProblem[]> {
    const process = await this.catalog.findProcess(id);
    if (!process) return [{ field: `${prefix}process`, reason: 'does not exist; PUT it first' }];
    if (comparedStages(process).includes(stage)) return [];
    return [{ field: `${prefix}stage`, reason: 'is no compared stage of the process' }];
  }

  /** Newest first, of those before a time. @throws DomainError `not_found` */
  async checks(id: string, before: Micros, limit: number): Promise<Check[]> {
    const found = await this.store.checks(id, before, limit);
    if (found.length === 0) await this.reference(id);
    return found;
  }

  /** Has it checked now. @returns false when it is being checked already. @throws DomainError `not_found` */
  async check(id: string): Promise<boolean> {
    await this.reference(id);
    return (await startOrJoin(this.temporal, checkReference, id)).started;
  }
}
