import { Inject, Injectable } from '@nestjs/common';
import { type DomainError, invalid, type FieldProblem, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { ChannelDocumentsService } from '@holdfast/domains/channels/channel-documents.service';
import { PersonService } from '@holdfast/domains/oncall/person.service';
import { ScheduleService } from '@holdfast/domains/oncall/schedule.service';
import { isRoutingKey } from '@holdfast/platform/pagerduty';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import type { EscalationPolicyDefinition, PageTarget } from './core/escalation-policy';
import { EscalationPolicySchema } from './escalation-policy.schemas';

const POLICY: DocumentKind<EscalationPolicyDefinition> = { kind: 'escalation-policy', body: EscalationPolicySchema };
type Policy = Version<EscalationPolicyDefinition>;

/** The escalation policies: versioned documents that name whom to page. */
@Injectable()
export class EscalationPolicyService {
  private readonly routingKeys: ReadonlyMap<string, string>;

  constructor(
    @Inject(RegisterService) private readonly register: RegisterService,
    private readonly people: PersonService,
    private readonly schedules: ScheduleService,
    private readonly channels: ChannelDocumentsService,
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
    const newest = (await this.register.everyCurrentOf(POLICY)).get(id);
    if (newest?.version === version) return newest;
    return (await this.register.history(POLICY, id, version + 1, 1))[0];
  }

  /** A second old at most: of many alerts at once, each asks. What is not there is looked for anew: it may be younger. */
  async current(id: string): Promise<Policy | undefined> {
    return (await this.register.everyCurrentOf(POLICY)).get(id) ?? this.snapshot(id);
  }

  /**
   * @param field where the targets stand, such as `targets`
   * @throws DomainError `invalid` when one names what does not exist
   */
  async mustBeUsable(targets: readonly PageTarget[], field: string): Promise<void> {
    const wrong = await this.targetProblems(targets.map((target, i) => ({ target, field: `${field}.${i}` })));
    if (wrong.length > 0) throw unusable(wrong);
  }

  /**
   * @returns the version that the policy has now
   * @throws DomainError `invalid` when a target names what does not exist, or a routing key twice; see RegisterService.change
   */
  async put(
    id: string,
    policy: EscalationPolicyDefinition,
    expected: Expected,
    by: string,
    at: Micros,
  ): Promise<number> {
    const wrong = routingKeyProblems(policy, this.routingKeys);
    if (wrong.length > 0)
      throw invalid(
        'unusable_routing_key',
        'the policy names routing keys that cannot be used; errors lists them',
        wrong,
      );
    const named = policy.levels.flatMap(({ targets }, level) =>
      targets.map((target, i) => ({ target, field: `levels.${level}.targets.${i}` })),
    );
    const unknown = await this.targetProblems(named);
    if (unknown.length > 0) throw unusable(unknown);
    return this.register.change(POLICY, id, policy, expected, by, at);
  }

  private async targetProblems(named: readonly NamedTarget[]): Promise<FieldProblem[]> {
    const asks = (kind: PageTarget['kind']): boolean => named.some(({ target }) => target.kind === kind);
    const [people, schedules, channels] = await Promise.all([
      asks('person') ? this.people.everybody() : undefined,
      asks('schedule') ? this.schedules.every() : undefined,
      asks('channel') ? this.channels.every() : undefined,
    ]);
    return named.flatMap(({ target, field }) => {
      if (target.kind === 'person' && !people?.has(target.person))
        return [{ field: `${field}.person`, reason: 'does not exist; PUT it under /v1/people first' }];
      if (target.kind === 'channel')
        return [target.channel, ...(target.otherwise ?? [])].flatMap((channel, i) =>
          channels?.has(channel)
            ? []
            : [
                {
                  field: i === 0 ? `${field}.channel` : `${field}.otherwise.${i - 1}`,
                  reason: 'does not exist; PUT it under /v1/channels first',
                },
              ],
        );
      if (target.kind === 'schedule' && !schedules?.has(target.schedule))
        return [{ field: `${field}.schedule`, reason: 'does not exist; PUT it under /v1/on-call-schedules first' }];
      return [];
    });
  }
}

interface NamedTarget {
  readonly target: PageTarget;
  readonly field: string;
}

const unusable = (problems: FieldProblem[]): DomainError =>
  invalid('unusable_target', 'targets name what does not exist; errors lists them', problems);

/** Two targets of one key would page the same people twice at once, or a level would page nobody new. */
function routingKeyProblems(
  { levels }: EscalationPolicyDefinition,
  configured: ReadonlyMap<string, string>,
): FieldProblem[] {
  const first = new Map<string, string>();
  return levels.flatMap(({ targets }, level) =>
    targets.flatMap((one, target) => {
      if (one.kind !== 'pagerduty') return [];
      const { routingKey } = one;
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
