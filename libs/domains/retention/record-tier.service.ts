import { Injectable } from '@nestjs/common';
import type { RecordGroup } from './core/impact';
import type { Day } from './core/period';
import { type NamedPolicy, startsOf } from './core/policy';
import { decide, type Tier, tierOn } from './core/precedence';
import { ProcessTraits } from './process-traits';
import { RecordGroupStore } from './record-group.store';

/** Records of one partition that no policy can tell apart, and where they are to be. */
export interface TieredGroup {
  /** As the engine told it: without what its process says of it. */
  readonly group: RecordGroup;
  readonly tier: Tier;
  /** The policy that decides, as `id@version`; of what is built in the id alone. */
  readonly followed: string;
  /** When they go for good; undefined: not as things stand. Holds are not asked. */
  readonly goesOn: Day | undefined;
}

/** Says of all records that there are in which tier they are on a day. */
@Injectable()
export class RecordTierService {
  constructor(
    private readonly groupStore: RecordGroupStore,
    private readonly traits: ProcessTraits,
  ) {}

  /** In batches, in bounded memory. @throws DomainError `unavailable` */
  async *groups(policies: readonly NamedPolicy[], day: Day): AsyncGenerator<TieredGroup[]> {
    const versions = new Map(policies.map(({ id, version }) => [id, version]));
    for await (const batch of this.groupStore.groups(startsOf(policies))) {
      const complete = await this.traits.complete(batch);
      yield complete.map((record, index) => {
        const verdict = decide(record, policies);
        const version = versions.get(verdict.followed);
        return {
          group: batch[index]!,
          tier: tierOn(day, record, verdict, policies),
          followed: version === undefined ? verdict.followed : `${verdict.followed}@${version}`,
          goesOn: verdict.goesOn,
        };
      });
    }
  }
}
