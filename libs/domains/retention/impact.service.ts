import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { impactOf, ImpactSums, IMPACTS } from './core/impact';
import { dateOf, type Day, dayOf } from './core/period';
import { type RetentionPolicyDefinition, startsOf } from './core/policy';
import { decide } from './core/precedence';
import { RecordGroupStore } from './record-group.store';
import { ProcessTraits } from './process-traits';
import { RetentionPolicyService } from './retention-policy.service';

/** What a change of a policy would do to the records that are there. */
@Injectable()
export class ImpactService {
  constructor(
    private readonly policies: RetentionPolicyService,
    private readonly store: RecordGroupStore,
    private readonly traits: ProcessTraits,
  ) {}

  /** @throws DomainError `invalid` as `put` of the policy does; `unavailable` */
  async impact(id: string, policy: RetentionPolicyDefinition, at: Micros) {
    const { now, proposed } = await this.policies.with(id, policy);
    const today = dayOf(at);
    const sums = new ImpactSums();
    for await (const batch of this.store.groups(startsOf([...now, ...proposed]))) {
      const complete = await this.traits.complete(batch);
      for (const group of complete) {
        const after = decide(group, proposed);
        sums.add(group, impactOf(decide(group, now), after, today), after.goesOn);
      }
    }
    return {
      at: formatInstant(at),
      ...Object.fromEntries(IMPACTS.map((impact) => [impact, sums.sum(impact)])),
      groups: sums.list().map(({ firstGoes, lastGoes, ...group }) => ({
        ...group,
        firstGoesOn: dateOrNull(firstGoes),
        lastGoesOn: dateOrNull(lastGoes),
      })),
      cut: sums.cut,
    };
  }
}

const dateOrNull = (day: Day): string | null => (Number.isFinite(day) ? dateOf(day) : null);
