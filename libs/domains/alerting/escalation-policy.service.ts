import { Inject, Injectable } from '@nestjs/common';
import { invalid, type FieldProblem, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { isRoutingKey } from '@holdfast/platform/pagerduty';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import type { EscalationPolicyDefinition } from './core/escalation-policy';
import { EscalationPolicySchema } from './escalation-policy.schemas';

const POLICY: DocumentKind<EscalationPolicyDefinition> = { kind: 'escalation-policy', body: EscalationPolicySchema };
type Policy = Version<EscalationPolicyDefinition>;

/** The escalation policies: versioned documents that name whom to page. */
@Injectable()
export class EscalationPolicyService {
  private readonly routingKeys: ReadonlyMap<string, string>;

  constructor(
    @Inject(RegisterService) private readonly register: RegisterService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.routingKeys = configuration.HOLDFAST_PAGERDUTY_ROUTING_KEYS;
  }

  /** @throws DomainError `not_found` */
  policy(id: string): Promise<Policy> {
    return this.register.get(POLICY, id);
  }

  policies(after: string, limit: number): Promise<(Policy & { readonly id: string })[]> {
    return this.register.list(POLICY, after, limit);
  }

  /** Newest first, of versions below `before`. */
  history(id: string, before: number, limit: number): Promise<Policy[]> {
    return this.register.history(POLICY, id, before, limit);
  }

  /** The newest version, or the one that is asked for; undefined when there is none. */
  async snapshot(id: string, version?: number): Promise<Policy | undefined> {
    if (version === undefined) return this.register.latest(POLICY, id);
    return (await this.register.history(POLICY, id, version + 1, 1))[0];
  }

  /**
   * @returns the version that the policy has now
   * @throws DomainError `invalid` when a routing key is not configured or named twice; see RegisterService.change
   */
  put(id: string, policy: EscalationPolicyDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const wrong = routingKeyProblems(policy, this.routingKeys);
    if (wrong.length > 0)
      throw invalid(
        'unusable_routing_key',
        'the policy names routing keys that cannot be used; errors lists them',
        wrong,
      );
    return this.register.change(POLICY, id, policy, expected, by, at);
  }
}

/** Two targets of one key would page the same people twice at once, or a level would page nobody new. */
function routingKeyProblems(
  { levels }: EscalationPolicyDefinition,
  configured: ReadonlyMap<string, string>,
): FieldProblem[] {
  const first = new Map<string, string>();
  return levels.flatMap(({ targets }, level) =>
    targets.flatMap(({ routingKey }, target) => {
      const field = `levels.${level}.targets.${target}.routingKey`;
      const key = configured.get(routingKey);
      if (key === undefined)
        return [{ field, reason: 'is not configured: HOLDFAST_PAGERDUTY_ROUTING_KEYS has no such name' }];
      if (!isRoutingKey(key)) return [{ field, reason: 'is configured with something that is no routing key' }];
      const earlier = first.get(key);
      if (earlier !== undefined)
        return [{ field, reason: `is the same routing key as ${earlier}; each target has its own` }];
      first.set(key, field);
      return [];
    }),
  );
}
