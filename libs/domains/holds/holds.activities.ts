import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  type ChangedHold,
  type HoldCare,
  type HoldChange,
  legalHold,
} from '@holdfast/workflows/holds/legal-hold/contract';
import { type HoldRefusal, type HoldVersion, isRefusal, nextState } from './core/hold';
import { CustodyStore } from './custody.store';
import { HoldCarer } from './hold-care';
import { HoldEnforcer } from './hold-enforcer';
import { HoldStore } from './hold.store';

/** What the workflow of a hold has done. */
@Implements(legalHold)
export class HoldActivities implements ActivitiesOf<typeof legalHold> {
  constructor(
    private readonly holds: HoldStore,
    private readonly custody: CustodyStore,
    private readonly enforcer: HoldEnforcer,
    private readonly carer: HoldCarer,
  ) {}

  async change(hold: string, asked: HoldChange): Promise<ChangedHold> {
    const [versions, proposal] = await Promise.all([this.holds.versions(hold), this.custody.proposal(asked.proposal)]);
    const [newest] = versions;
    if (!newest || !proposal) throw new DomainError('not_found', 'hold_not_found', 'there is no such hold');
    const made = versions.find((one) => one.proposal === asked.proposal);
    const next = made ?? following(newest, asked, proposal);
    const met = await this.enforcer.enforce(next);
    return { version: next.version, state: next.state, met };
  }

  care(hold: string, at: Micros): Promise<HoldCare> {
    return this.carer.care(hold, at);
  }
}

function following(
  newest: HoldVersion,
  { step, version, proposal, by, at }: HoldChange,
  { terms, reason }: { readonly terms: HoldVersion['terms'] | undefined; readonly reason: string },
): HoldVersion {
  if (version !== newest.version)
    throw new DomainError('precondition_failed', 'version_mismatch', `the hold is at version ${newest.version}`, {
      extra: { currentVersion: newest.version },
    });
  // Who made what waits now made the newest version: it is the one that waits.
  const state = nextState(newest.state, step, by, newest.by);
  if (isRefusal(state)) throw refusalOf(state);
  return { hold: newest.hold, version: version + 1, state, terms: terms ?? newest.terms, proposal, reason, by, at };
}

function refusalOf(refusal: HoldRefusal): DomainError {
  switch (refusal) {
    case 'hold_not_open':
      return new DomainError('conflict', 'hold_not_open', 'the hold is over, or waits for a decision');
    case 'hold_not_waiting':
      return new DomainError('conflict', 'hold_not_waiting', 'the hold does not wait for that');
    case 'second_person_needed':
      return new DomainError('conflict', 'second_person_needed', 'somebody else has to agree');
  }
}
