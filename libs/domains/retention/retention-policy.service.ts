import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { contradictions, problemsOf } from './core/contradictions';
import type { NamedPolicy, RetentionPolicyDefinition } from './core/policy';
import { RetentionPolicySchema } from './retention-policy.schemas';

const POLICY: DocumentKind<RetentionPolicyDefinition> = { kind: 'retention-policy', body: RetentionPolicySchema };
type Policy = Version<RetentionPolicyDefinition>;

/** The retention policies: versioned documents that say how long records are kept, and why. */
@Injectable()
export class RetentionPolicyService {
  constructor(private readonly register: RegisterService) {}

  /** @throws DomainError `not_found` */
  policy(id: string): Promise<Policy> {
    return this.register.get(POLICY, id);
  }

  list(after: string, limit: number): Promise<(Policy & { readonly id: string })[]> {
    return this.register.list(POLICY, after, limit);
  }

  history(id: string, before: number, limit: number): Promise<Policy[]> {
    return this.register.history(POLICY, id, before, limit);
  }

  /** All of them as the store has them now, by id. */
  async every(): Promise<readonly NamedPolicy[]> {
    const all = await this.register.everyCurrentOf(POLICY, true);
    return [...all].map(([id, { version, body }]) => ({ id, version, policy: body }));
  }

  /** All of them with one as it is proposed, after the checks that `put` makes. @throws DomainError `invalid` */
  async with(
    id: string,
    policy: RetentionPolicyDefinition,
  ): Promise<{ now: readonly NamedPolicy[]; proposed: readonly NamedPolicy[] }> {
    const now = await this.every();
    const others = now.filter((one) => one.id !== id);
    const own = problemsOf(policy);
    if (own.length > 0)
      throw invalid('contradictory_policy', 'the policy contradicts itself or its statute; errors says where', own);
    const wrong = contradictions(policy, others);
    if (wrong.length > 0)
      throw invalid(
        'contradictory_policy',
        'a record may match this policy and another one, and both cannot be followed; errors says which',
        wrong,
      );
    return { now, proposed: [...others, { id, version: 0, policy }] };
  }

  /**
   * @returns the version that the policy has now
   * @throws DomainError `invalid` when it contradicts itself, its statute or another policy; see RegisterService.change
   */
  async put(
    id: string,
    policy: RetentionPolicyDefinition,
    expected: Expected,
    by: string,
    at: Micros,
  ): Promise<number> {
    await this.with(id, policy);
    return this.register.change(POLICY, id, policy, expected, by, at);
  }
}
