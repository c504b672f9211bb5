import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { noWorker, startOrJoin, temporalUnavailable } from '@holdfast/platform/temporal';
import {
  escalateAlert,
  groupKeyOf,
  membersChanged,
  resolve,
  workflowIdOf,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { AlertingStore, type AlertToKeep, type StoredAlert } from './alerting.store';
import { type AlertContext, type AlertToEscalate, labelsOf, type Resolution } from './core/alert';
import { groupLabels } from './core/group';
import type { Grouping } from './core/escalation-policy';
import { GroupStore } from './group.store';
import { EscalationPolicyService } from './escalation-policy.service';

/** How long Temporal has to take a signal, in ms. */
const SIGNAL_MS = 4_000;
/** Alerts that are started at once. */
const AT_ONCE = 20;

export interface RaisedAlert {
  readonly alert: AlertToEscalate;
  readonly context?: AlertContext | undefined;
}

/** For other domains: alerts begin and end here. Where a policy groups, one escalation tells of all alerts of a group. */
@Injectable()
export class AlertRaiser {
  constructor(
    private readonly store: AlertingStore,
    private readonly groups: GroupStore,
    private readonly policies: EscalationPolicyService,
    private readonly temporal: Client,
  ) {}

  /**
   * Idempotent by the alerts' ids: one that is raised again is the same alert, also when it is over.
   * @throws DomainError `unavailable`: some may be raised; repeat the call
   */
  async raise(raised: readonly RaisedAlert[], at: Micros = Date.now() * 1000): Promise<void> {
    if (raised.length === 0) return;
    const known = new Map(
      (await this.store.alertsById(raised.map(({ alert }) => alert.alertId))).map((one) => [one.id, one]),
    );
    const toKeep = await this.withPolicies(raised, known, at);
    const fresh = toKeep.filter(({ alert }) => !known.has(alert.alertId));
    if (fresh.length > 0) await this.store.writeAlerts(fresh);
    // Also of those that are known: an earlier try may have died between the two.
    const unbegun = toKeep.filter(({ alert }) => known.get(alert.alertId)?.isBegun !== true);
    if (unbegun.length > 0) await this.store.writeTransitions(unbegun.flatMap(begunBy));
    const alive = toKeep.filter(({ alert }) => known.get(alert.alertId)?.state !== 'resolved');
    const single = alive.filter(({ group }) => group === '');
    const groups = new Map(alive.filter(({ group }) => group !== '').map((one) => [one.group, one.alert]));
    // Each by itself: one that cannot be told now keeps no other from being told.
    const failed: unknown[] = [];
    const attempt = (told: Promise<unknown>): Promise<unknown> => told.catch((error: unknown) => failed.push(error));
    for (let i = 0; i < single.length; i += AT_ONCE)
      await Promise.all(
        single
          .slice(i, i + AT_ONCE)
          .map(({ alert }) => attempt(startOrJoin(this.temporal, escalateAlert, forHistories(alert)))),
      );
    for (const [key, one] of groups)
      await attempt(this.groupingOf(one).then((grouping) => this.tellGroup(key, groupAlert(key, one, grouping, at))));
    if (failed.length > 0) throw failed[0];
  }

  /**
   * When what an alert is about is over. One that has ended already stays as it is.
   * @throws DomainError `unavailable`
   */
  async end(id: string, resolution: Resolution): Promise<void> {
    const found = await this.store.alert(id);
    if (found?.state === 'resolved') return;
    if (found && found.groupKey !== '') {
      await this.groups.endMember(id, resolution);
      return this.signal(`${found.groupKey}.`, (handle) => handle.signal(membersChanged));
    }
    return this.signal(id, (handle) => handle.signal(resolve, resolution));
  }

  /** Each with the version of its policy that is the newest now, and the group that it belongs to; what is known stays in its group. */
  private withPolicies(
    raised: readonly RaisedAlert[],
    known: ReadonlyMap<string, StoredAlert>,
    raisedAt: Micros,
  ): Promise<AlertToKeep[]> {
    return Promise.all(
      raised.map(async ({ alert, context }) => {
        const before = known.get(alert.alertId);
        if (before)
          return {
            alert,
            context,
            policyVersion: before.policyVersion,
            group: before.groupKey,
            raisedAt: before.raisedAt,
          };
        const policy = await this.policies.current(alert.policy);
        const grouping = alert.subject.kind === 'test' ? undefined : policy?.body.group;
        const group = grouping ? groupKeyOf(alert.policy, hashOf(groupLabels(labelsOf(alert), grouping))) : '';
        return { alert, context, policyVersion: policy?.version ?? 0, group, raisedAt };
      }),
    );
  }

  private async groupingOf({ policy }: AlertToEscalate): Promise<Grouping> {
    return (await this.policies.current(policy))?.body.group ?? { by: [], waitSeconds: 0, intervalSeconds: 0 };
  }

  /** Starts the group's escalation, or tells the one that is under way. */
  private async tellGroup(key: string, alert: AlertToEscalate): Promise<void> {
    try {
      await this.temporal.withDeadline(Date.now() + SIGNAL_MS, () =>
        this.temporal.workflow.signalWithStart(escalateAlert.name, {
          workflowId: workflowIdOf(`${key}.`),
          taskQueue: 'control',
          args: [forHistories(alert)],
          signal: membersChanged,
          signalArgs: [],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
      );
    } catch (error) {
      throw temporalUnavailable(error);
    }
  }

  private async signal(
    id: string,
    send: (handle: ReturnType<Client['workflow']['getHandle']>) => Promise<void>,
  ): Promise<void> {
    try {
      const handle = this.temporal.workflow.getHandle(workflowIdOf(id));
      await this.temporal.withDeadline(Date.now() + SIGNAL_MS, () => send(handle));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw noWorker(error);
    }
  }
}

/** What labels say was written by people and systems: it is kept with the alert's row. */
const forHistories = (alert: AlertToEscalate): AlertToEscalate => ({ ...alert, labels: {} });

function begunBy({ alert, group, raisedAt: at }: AlertToKeep) {
  const raised = { kind: 'raised', by: alert.raisedBy ?? '', seq: 0, at } as const;
  const grouped = { kind: 'grouped', by: group, seq: 1, at } as const;
  const { alertId } = alert;
  return group === ''
    ? [{ alertId, transition: raised }]
    : [
        { alertId, transition: raised },
        { alertId, transition: grouped },
      ];
}

const hashOf = (labels: Record<string, string>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(labels)))
    .digest('hex')
    .slice(0, 16);

/** The alert that stands for a group: its labels are those that the group has in common. */
function groupAlert(
  key: string,
  { policy, severity, ...one }: AlertToEscalate,
  grouping: Grouping,
  at: Micros,
): AlertToEscalate {
  const labels = groupLabels(labelsOf({ policy, severity, ...one }), grouping);
  return {
    alertId: `${key}.${at.toString(36)}`,
    fingerprint: key,
    process: labels['process'] ?? '',
    subject: { kind: 'group', id: key },
    severity,
    policy,
    labels,
    facts: { open: 1, revision: 0 },
  };
}
