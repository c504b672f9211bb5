import { Inject, Logger } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  escalateAlert,
  isGroup,
  type Entries,
  type FollowUp,
  type Members,
  type Opened,
  type Opening,
  type PageTaken,
  type PageToSend,
  type Prepared,
  type ToPrepare,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { AlertingStore } from './alerting.store';
import { type AlertToEscalate, knownLabels, type Labels } from './core/alert';
import { deliver } from './core/fallback';
import { groupLabels } from './core/group';
import type { PolicySnapshot } from './core/escalation-policy';
import { EscalationPolicyService } from './escalation-policy.service';
import { GroupStore } from './group.store';
import { HoldService } from './hold.service';
import { IncidentFollower } from './incident-follower.service';
import { Pager } from './pager';
import { ResponderService } from './responder.service';
import { Tries } from './core/tries';

/** A page does not believe that it should wait for longer, in ms: who says so may be back sooner. */
const LONGEST_PAUSE_MS = 60_000;
/** How often a try in progress says that its worker lives, in ms. */
const HEARTBEAT_MS = 1_000;

/** The steps of an escalation that touch the world. */
@Implements(escalateAlert)
export class AlertingActivities implements ActivitiesOf<typeof escalateAlert> {
  private readonly log = new Logger('Escalations');

  constructor(
    @Inject(AlertingStore) private readonly store: AlertingStore,
    private readonly groups: GroupStore,
    @Inject(EscalationPolicyService) private readonly policies: EscalationPolicyService,
    @Inject(Pager) private readonly pager: Pager,
    private readonly responders: ResponderService,
    private readonly holds: HoldService,
    private readonly incidents: IncidentFollower,
  ) {}

  /** An alert whose policy does not exist has a ladder without steps: it shows as exhausted, instead of being lost. */
  async open({ alert, raisedAt }: Opening): Promise<Opened> {
    const known = await this.store.alert(alert.alertId);
    if (known?.state === 'resolved') return { is: 'over' };
    const policy = await this.policies.snapshot(alert.policy, known?.policyVersion || undefined);
    if (!known) {
      const labels = await this.labelsOf(alert, policy?.body.group?.by ?? []);
      const kept = {
        alert: { ...alert, labels },
        policyVersion: policy?.version ?? 0,
        group: '',
        context: undefined,
        raisedAt,
      };
      await this.store.writeAlerts([kept]);
    }
    // Also of one that is known: an earlier try may have died between the two.
    if (!known?.isBegun) {
      const at = known?.raisedAt ?? raisedAt;
      const transition = { kind: 'raised', by: alert.raisedBy ?? '', seq: 0, at } as const;
      await this.store.writeTransitions([{ alertId: alert.alertId, transition }]);
    }
    // So that later levels are known should the store be away by then.
    const targets = policy?.body.levels.flatMap((level) => level.targets) ?? [];
    this.responders.of(targets, raisedAt).catch(() => undefined);
    return { is: 'open', policy: policy ? snapshotOf(policy.body) : NOBODY };
  }

  /** A group has those that its alerts have in common. */
  private async labelsOf({ subject, fingerprint, labels }: AlertToEscalate, by: readonly string[]): Promise<Labels> {
    const [member] = subject.kind === 'group' ? await this.groups.openMembers(fingerprint, 1) : [];
    return member ? groupLabels(knownLabels({ ...member, subject: member.subjectKind }), { by }) : labels;
  }

  async record({ alertId, transitions }: Entries): Promise<void> {
    await this.store.writeTransitions(transitions.map((transition) => ({ alertId, transition })));
    if (isGroup(alertId)) await this.groups.tellMembers(alertId.slice(0, alertId.lastIndexOf('.')), transitions);
    await this.incidents.follow(alertId, transitions);
  }

  async prepare({ alert, raisedAt, at, targets, isAsked, quietHours }: ToPrepare): Promise<Prepared> {
    const hold = isAsked ? undefined : await this.holds.hold(alert, quietHours, raisedAt, at);
    if (hold) return { is: 'held', ...hold };
    const { pages, nobody, handoverAt } = await this.responders.of(targets, at);
    for (const { code, reason } of nobody)
      this.log.warn(`${alert.alertId}: a target stands for nobody: ${code} ${reason}`);
    return { is: 'loud', pages, nobody, ...(handoverAt !== undefined && { handoverAt }) };
  }

  async newestPolicy(policy: string): Promise<{ version: number; policy: PolicySnapshot }> {
    const newest = await this.policies.snapshot(policy);
    return { version: newest?.version ?? 0, policy: newest ? snapshotOf(newest.body) : NOBODY };
  }

  members(groupKey: string): Promise<Members> {
    return this.groups.members(groupKey);
  }

  async page(page: PageToSend): Promise<PageTaken> {
    const { info } = Context.current();
    const tries = new Tries(info.attempt, info.heartbeatDetails);
    const failingForMs = info.currentAttemptScheduledTimestampMs - info.scheduledTimestampMs;
    const taken = await tryOnce(
      () =>
        deliver(page.destinations, failingForMs, (destination) =>
          this.pager.page(page, destination, tries.mayBeDelivered).catch((error: unknown) => {
            tries.failed(error);
            throw error;
          }),
        ),
      tries,
    ).catch(async (error: unknown) => {
      if (error instanceof DomainError && error.kind === 'invalid') await this.pager.keepDeadLetter(page, error.code);
      throw error;
    });
    return { ...taken, acceptedAt: Date.now() * 1000 };
  }

  async followUp(followUp: FollowUp): Promise<void> {
    await tryOnce(() => this.pager.followUp(followUp));
  }
}

const NOBODY = { levels: [], repeats: 0 };

const snapshotOf = (policy: PolicySnapshot): PolicySnapshot => {
  const { levels, repeats, acknowledgementExpiresSeconds, quietHours, group, handover } = policy;
  return {
    levels,
    repeats,
    ...(acknowledgementExpiresSeconds !== undefined && { acknowledgementExpiresSeconds }),
    ...(quietHours && { quietHours }),
    ...(group && { group }),
    ...(handover && { handover }),
  };
};

/**
 * One try, with heartbeats. A cancellation does not break it off but keeps it from being repeated, so that what the workflow hears is what became of the page.
 * @throws ApplicationFailure that is tried again when the channel says, or CancelledFailure
 */
async function tryOnce<T>(run: () => Promise<T>, tries?: Tries): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await run();
  } catch (error) {
    const retryable = error instanceof DomainError && error.kind === 'unavailable';
    if (retryable && tries) context.heartbeat(tries.toLeave);
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
    nextRetryDelay: Math.min(LONGEST_PAUSE_MS, Math.max(100, Math.ceil(seconds * 1000))),
  });
}
