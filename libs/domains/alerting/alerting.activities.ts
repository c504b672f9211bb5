import { Inject } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  escalateAlert,
  type Entries,
  type FollowUp,
  type Opened,
  type Opening,
  type PageToSend,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { AlertingStore } from './alerting.store';
import { EscalationPolicyService } from './escalation-policy.service';
import { Pager } from './pager';

/** How often a try in progress says that its worker lives, in ms. */
const HEARTBEAT_MS = 1_000;

/** The steps of an escalation that touch the world. */
@Implements(escalateAlert)
export class AlertingActivities implements ActivitiesOf<typeof escalateAlert> {
  constructor(
    @Inject(AlertingStore) private readonly store: AlertingStore,
    @Inject(EscalationPolicyService) private readonly policies: EscalationPolicyService,
    @Inject(Pager) private readonly pager: Pager,
  ) {}

  /** An alert whose policy does not exist has a ladder without steps: it shows as exhausted, instead of being lost. */
  async open({ alert, raisedAt }: Opening): Promise<Opened> {
    const [known, newest] = await Promise.all([this.store.alert(alert.alertId), this.policies.snapshot(alert.policy)]);
    if (known?.state === 'resolved') return { is: 'over' };
    const policy =
      known === undefined || known.policyVersion === newest?.version
        ? newest
        : await this.policies.snapshot(alert.policy, known.policyVersion);
    const at = known?.raisedAt ?? raisedAt;
    await Promise.all([
      this.store.writeAlert(alert, policy?.version ?? 0, at),
      this.store.writeTransitions(alert.alertId, [{ kind: 'raised', by: alert.raisedBy ?? '', seq: 0, at }]),
    ]);
    return { is: 'open', policy: policy ? { levels: policy.body.levels, repeats: policy.body.repeats } : NOBODY };
  }

  record({ alertId, transitions }: Entries): Promise<void> {
    return this.store.writeTransitions(alertId, transitions);
  }

  async page({ alert, place, page, raisedAt }: PageToSend): Promise<{ acceptedAt: Micros }> {
    await tryOnce(() => this.pager.page(alert, place, page, raisedAt));
    return { acceptedAt: Date.now() * 1000 };
  }

  async followUp({ action, page }: FollowUp): Promise<void> {
    await tryOnce(() => this.pager.followUp(action, page));
  }
}

const NOBODY = { levels: [], repeats: 0 };

/**
 * One try, with heartbeats. A cancellation does not break it off but keeps it from being repeated, so that what the workflow hears is what became of the page.
 * @throws ApplicationFailure that is tried again when PagerDuty says, or CancelledFailure
 */
async function tryOnce(run: () => Promise<void>): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    await run();
  } catch (error) {
    const retryable = error instanceof DomainError && error.kind === 'unavailable';
    if (retryable && context.cancellationSignal.aborted) throw new CancelledFailure('given up');
    throw retryable ? later(error) : error;
  } finally {
    clearInterval(beat);
  }
}

function later(error: DomainError): Error {
  const seconds = error.details.retryAfterSeconds;
  if (seconds === undefined) return error;
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    details: [error.kind],
    nextRetryDelay: Math.max(100, Math.ceil(seconds * 1000)),
  });
}
