import { Inject, Injectable } from '@nestjs/common';
import { DomainError, formatInstant, newId, type Micros } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { cursorOf, paginate, type Page } from '@holdfast/platform/http';
import type { PagerDutyIncident } from '@holdfast/platform/pagerduty';
import { noWorker, startOrJoin } from '@holdfast/platform/temporal';
import {
  acknowledgeNow,
  escalateAlert,
  live,
  type LiveEscalation,
  opened,
  resolveNow,
  respond,
  type Response,
  workflowIdOf,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import { Client, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { AlertRaiser } from './alert-raiser.service';
import type { AlertDetailView, AlertView } from './alerting.schemas';
import { AlertingStore, type AlertFilter, type StoredAlert, type StoredTransition } from './alerting.store';
import { type Acknowledgement, type AlertContext, stateOf } from './core/alert';
import { EscalationPolicyService } from './escalation-policy.service';
import { IncidentStore } from './incident.store';

/** How long a change may take until its answer says that nobody carries it out, in ms. */
const PATIENCE_MS = 20_000;
/** How long a view waits for its live part, in ms: it can do without. */
const LIVE_MS = 2_000;

const byRaised = cursorOf('alerts', z.tuple([z.int(), z.string()]));
const NEWEST: [Micros, string] = [Number.MAX_SAFE_INTEGER, ''];

/** What may be asked of alerts: list, show, acknowledge, resolve, test a policy. */
@Injectable()
export class AlertingService {
  constructor(
    @Inject(AlertingStore) private readonly store: AlertingStore,
    @Inject(EscalationPolicyService) private readonly policies: EscalationPolicyService,
    private readonly raiser: AlertRaiser,
    private readonly incidents: IncidentStore,
    @Inject(Client) private readonly temporal: Client,
  ) {}

  /** Newest first. @throws DomainError `invalid` with code `invalid_cursor` */
  async alerts(filter: AlertFilter, limit: number, cursor?: string): Promise<Page<AlertView>> {
    const [beforeAt, beforeId] = cursor === undefined ? NEWEST : byRaised.decode(cursor);
    const { items, next } = paginate(
      await this.store.alerts(filter, beforeAt, beforeId, limit + 1),
      limit,
      byRaised,
      ({ raisedAt, id }) => [raisedAt, id],
    );
    return { items: items.map(viewOf), ...(next !== undefined && { next }) };
  }

  /** @throws DomainError `not_found` */
  async alert(id: string): Promise<AlertDetailView> {
    const found = await this.existing(id);
    const [transitions, now] = await Promise.all([
      this.store.transitions(id),
      found.state === 'resolved' ? undefined : this.standing(id),
    ]);
    const pages = transitions.filter(({ kind, routingKey }) => kind === 'paged' && routingKey !== '');
    const incidents = await this.incidents.incidents(pages.map(({ dedupKey }) => dedupKey));
    return {
      ...viewOf(found),
      state: stateOf(transitions), // read later than the rest: what it says and what is listed agree
      transitions: transitions.map((one) => transitionViewOf(one, incidents)),
      ...(now && { live: liveViewOf(now) }),
    };
  }

  /** Whether the alert was resolved. One that cannot be read yet is not over. */
  async isOver(id: string): Promise<boolean> {
    return (await this.store.alert(id))?.state === 'resolved';
  }

  /** @throws DomainError `not_found`; `conflict` when somebody acknowledged before or the alert is resolved; `unavailable` */
  async acknowledge(id: string, by: string, at: Micros, via: Acknowledgement['via'] = 'api'): Promise<AlertDetailView> {
    await this.change(id, (handle) => handle.executeUpdate(acknowledgeNow, { args: [{ by, via, at }] }));
    return this.alert(id);
  }

  /** @throws DomainError `not_found`; `conflict` when the alert is resolved already; `unavailable` */
  async resolve(id: string, by: string, at: Micros): Promise<AlertDetailView> {
    const resolution = { by, reason: 'manual', at } as const;
    const { groupKey, state } = await this.existing(id);
    if (groupKey === '') await this.change(id, (handle) => handle.executeUpdate(resolveNow, { args: [resolution] }));
    else if (state === 'resolved') throw resolved();
    else await this.raiser.end(id, resolution); // the others of its group go on
    return this.alert(id);
  }

  /**
   * Snoozes, takes back, reassigns and the like.
   * @throws DomainError `not_found`; `invalid` when a target or the policy does not exist; `conflict` when it came too late; `unavailable`
   */
  async respond(id: string, response: Response): Promise<AlertDetailView> {
    if (response.do === 'reassign' || response.do === 'add_responders')
      await this.policies.mustBeUsable(response.targets, 'targets');
    if (response.do === 'follow_policy') await this.policies.policy(response.policy);
    await this.change(id, (handle) => handle.executeUpdate(respond, { args: [response] }));
    return this.alert(id);
  }

  /**
   * Pages by the policy as an alert would; it resolves itself as soon as somebody acknowledges it.
   * @param by the principal who asks for it
   * @returns the alert's id
   * @throws DomainError `not_found` when there is no such policy; `unavailable`
   */
  async test(policy: string, by: string): Promise<string> {
    await this.policies.policy(policy);
    const alertId = `test-${newId()}`;
    const { handle } = await startOrJoin(this.temporal, escalateAlert, {
      alertId,
      fingerprint: `test-${policy}`,
      process: policy,
      subject: { kind: 'test', id: policy },
      severity: 'info',
      policy,
      labels: {},
      facts: { open: 0, revision: 0 },
      raisedBy: by,
    });
    // So that the caller can read it at once. Where no worker runs now it is raised all the same, later.
    await this.temporal.withDeadline(Date.now() + LIVE_MS, () => handle.executeUpdate(opened)).catch(() => undefined);
    return alertId;
  }

  /** @throws DomainError `not_found` */
  async existing(id: string): Promise<StoredAlert> {
    const found = (await this.store.alert(id)) ?? (await this.beingRaised(id));
    if (!found) throw new DomainError('not_found', 'alert_not_found', 'there is no such alert');
    return found;
  }

  /** Whoever raises an alert names it a moment before it can be read. */
  private async beingRaised(id: string): Promise<StoredAlert | undefined> {
    const handle = this.temporal.workflow.getHandle(workflowIdOf(id));
    try {
      await this.temporal.withDeadline(Date.now() + LIVE_MS, () => handle.executeUpdate(opened));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw noWorker(error);
    }
    return this.store.alert(id);
  }

  private async change(id: string, update: (handle: WorkflowHandle) => Promise<unknown>): Promise<void> {
    const { state, groupKey } = await this.existing(id);
    if (state === 'resolved') throw resolved();
    const handle = this.temporal.workflow.getHandle(workflowIdOf(groupKey === '' ? id : `${groupKey}.`));
    try {
      await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () => update(handle));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw await this.ended(id);
      throw fromFailure(error) ?? noWorker(error);
    }
  }

  /** The escalation is not there any more: it was resolved a moment ago, or somebody ended it by force. */
  private async ended(id: string): Promise<DomainError> {
    const { state } = await this.existing(id);
    if (state === 'resolved') return resolved();
    return new DomainError('conflict', 'alert_not_running', 'the escalation of the alert was ended by force');
  }

  /** Where the escalation of an alert stands now; undefined when it has ended, or no worker answers. */
  async standing(id: string): Promise<LiveEscalation | undefined> {
    const handle = this.temporal.workflow.getHandle(workflowIdOf(id));
    try {
      return await this.temporal.withDeadline(Date.now() + LIVE_MS, () => handle.query(live));
    } catch {
      return undefined;
    }
  }
}

const resolved = (): DomainError => new DomainError('conflict', 'alert_resolved', 'the alert is resolved already');

function viewOf(alert: StoredAlert): AlertView {
  const { subjectKind, subjectId, policy, policyVersion, open, revision, groupKey, context, ...rest } = alert;
  const {
    raisedAt,
    raisedBy,
    acknowledgedAt,
    acknowledgedBy,
    acknowledgedVia,
    snoozedUntil,
    resolvedAt,
    resolvedBy,
    resolvedReason,
  } = rest;
  return {
    id: rest.id,
    fingerprint: rest.fingerprint,
    process: rest.process,
    subject: { kind: subjectKind, id: subjectId },
    severity: rest.severity,
    policy: { id: policy, version: policyVersion },
    labels: rest.labels,
    ...(groupKey !== '' && { group: groupKey }),
    ...(context && { context: contextViewOf(context) }),
    facts: { open, revision },
    state: rest.state,
    exhausted: rest.exhausted,
    pages: rest.pages,
    raisedAt: formatInstant(raisedAt),
    ...(raisedBy !== '' && { raisedBy }),
    ...(acknowledgedAt > 0 && { acknowledgedAt: formatInstant(acknowledgedAt), acknowledgedBy, acknowledgedVia }),
    ...(rest.state === 'snoozed' && { snoozedUntil: formatInstant(snoozedUntil) }),
    ...(resolvedAt > 0 && { resolvedAt: formatInstant(resolvedAt), resolvedReason }),
    ...(resolvedAt > 0 && resolvedBy !== '' && { resolvedBy }),
  };
}

export const liveViewOf = ({ at, pagesUnderWay, phase, until }: LiveEscalation) => ({
  ...{ phase, ...at, ...(until !== undefined && { until: formatInstant(until) }), pagesUnderWay },
});

const contextViewOf = ({ since, amounts, ...context }: AlertContext) => ({
  ...context,
  ...(amounts && { amounts: [...amounts] }),
  ...(since !== undefined && { since: formatInstant(since) }),
});

function transitionViewOf(transition: StoredTransition, incidents: ReadonlyMap<string, PagerDutyIncident>) {
  const { seq, kind, at, level, repeat, target, until, revision, ...texts } = transition;
  const incident = kind === 'paged' ? incidents.get(texts.dedupKey) : undefined;
  const told = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
  return {
    seq,
    kind,
    at: formatInstant(at),
    ...((level > 0 || target > 0) && { level, repeat }),
    ...(target > 0 && { target }),
    ...(until > 0 && { until: formatInstant(until) }),
    ...(revision > 0 && { revision }),
    ...told,
    ...(incident && { url: incident.url, incidentNumber: incident.number }),
  };
}
