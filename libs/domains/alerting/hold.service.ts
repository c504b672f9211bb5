import { Injectable, Logger } from '@nestjs/common';
import type { Firing, Muting } from '@holdfast/domains/suppression/core/muting';
import { SuppressionService, type WouldMute } from '@holdfast/domains/suppression/suppression.service';
import type { WindowDefinition } from '@holdfast/domains/suppression/core/window';
import { DomainError, inTime, Recent, type Micros } from '@holdfast/kernel';
import { calendarSpan } from '@holdfast/platform/calendar';
import { AlertingStore } from './alerting.store';
import { type AlertToEscalate, type HoldReason, knownLabels, labelsOf } from './core/alert';
import type { QuietHours } from './core/escalation-policy';
import { worstOf } from './core/page-text';
import { quietUntil } from './core/quiet-hours';
import { FiringStore, MOST_LOOKED_AT } from './firing.store';
import { GroupStore, type StoredMember } from './group.store';

/** What keeps an alert from paging, and when to look again at the latest. */
export interface Hold {
  readonly reason: HoldReason;
  /** The window or the rule that does; the policy for its quiet hours. */
  readonly by: string;
  readonly until: Micros;
}

/** What keeps an alert from paging at an instant; `until` undefined where nobody knows how long it lasts. */
export interface Reason {
  readonly reason: HoldReason;
  readonly by: string;
  readonly until: Micros | undefined;
}

/** How old the list of open alerts may be that inhibition goes by, in ms. */
const STALENESS_MS = 1_000;
/** It is looked at again after this at the latest: windows are changed and ended, and who inhibits gets well. */
const LOOK_AGAIN: Micros = 60_000_000;
const MOST_MEMBERS = 10_000;
const MOST_KINDS = 100;
/** How long a look-up may take, in ms: a page does not wait for a store that is away. */
const PATIENCE_MS = 3_000;

/** Finds what keeps an alert quiet. It is looked at when somebody would be paged, never when it is decided whether there is an alert. */
@Injectable()
export class HoldService {
  private readonly log = new Logger(HoldService.name);
  private readonly open = new Recent(async () => (await this.firing.open()).map(firingOf), STALENESS_MS);

  constructor(
    private readonly suppression: SuppressionService,
    private readonly alerts: AlertingStore,
    private readonly firing: FiringStore,
    private readonly groups: GroupStore,
  ) {}

  /** A group is kept quiet when each of its alerts is. What cannot be looked up keeps nothing quiet. */
  async hold(
    alert: AlertToEscalate,
    quietHours: QuietHours | undefined,
    raisedAt: Micros,
    at: Micros,
  ): Promise<Hold | undefined> {
    try {
      const found = await inTime(this.reason(alert, quietHours, raisedAt, at), PATIENCE_MS);
      return found && holdOf(found, at);
    } catch (error) {
      this.log.warn(`${alert.alertId} pages without asking what is suppressed: ${codeOf(error)}`);
      return undefined;
    }
  }

  /** As {@link hold}, with when it ends, instead of when to look again. @throws where it cannot be looked up */
  async reason(
    alert: AlertToEscalate,
    quietHours: QuietHours | undefined,
    raisedAt: Micros,
    at: Micros,
  ): Promise<Reason | undefined> {
    if (alert.subject.kind === 'test') return undefined;
    const members =
      alert.subject.kind === 'group' ? await this.groups.openMembers(alert.fingerprint, MOST_MEMBERS) : undefined;
    const severity = members
      ? worstOf(
          members.map((one) => one.severity),
          alert.severity,
        )
      : alert.severity;
    const quiet = quietHours && quietUntil(quietHours, severity, at, dayOf);
    if (quiet !== undefined) return { reason: 'quiet_hours', by: alert.policy, until: quiet };
    const muting = members
      ? await this.ofAll(members, at)
      : await this.muting(await this.firingOf(alert, raisedAt), alert.fingerprint, at);
    return muting && { reason: muting.kind, by: muting.by, until: muting.until };
  }

  /** With the labels that are kept; an alert that is only thought of has its own. */
  private async firingOf(alert: AlertToEscalate, raisedAt: Micros): Promise<Firing> {
    const kept = await this.alerts.alert(alert.alertId);
    return { alertId: alert.alertId, labels: labelsOf({ ...alert, labels: kept?.labels ?? alert.labels }), raisedAt };
  }

  /** Which alerts of a span a window would have muted, and when; `isWhole`: no alert of the span was left out, as those are that were raised first where there are too many. */
  async preview(
    window: WindowDefinition,
    from: Micros,
    to: Micros,
  ): Promise<{ readonly muted: WouldMute[]; readonly isWhole: boolean }> {
    const found = await this.firing.within(from, to);
    const alerts = found.map((one) => ({ ...firingOf(one), ...(one.endedAt > 0 && { endedAt: one.endedAt }) }));
    const muted = await this.suppression.preview(window, from, to, alerts);
    return { muted, isWhole: found.length < MOST_LOOKED_AT };
  }

  private async ofAll(members: readonly StoredMember[], at: Micros): Promise<Muting | undefined> {
    let shortest: Muting | undefined;
    // Alerts of the same labels are muted alike; a group of more kinds than can be looked at pages.
    const kinds = new Map(members.map((one) => [JSON.stringify([one.labels, one.process, one.severity]), one]));
    if (kinds.size > MOST_KINDS) return undefined;
    for (const one of kinds.values()) {
      const muting = await this.muting(firingOf(one), one.fingerprint, at);
      if (!muting) return undefined;
      if (!shortest || (muting.until ?? at) < (shortest.until ?? at)) shortest = muting;
    }
    return shortest;
  }

  private muting(alert: Firing, fingerprint: string, at: Micros): Promise<Muting | undefined> {
    return this.suppression.muting(alert, at, {
      openAlerts: () => this.open.get(),
      raisedSince: (from) => this.firing.raisedSince(fingerprint, from),
    });
  }
}

const codeOf = (error: unknown): string => (error instanceof DomainError ? error.code : 'fault');

/** Quiet hours are the policy's, which the escalation has in its hands: nothing has to be looked at before they end. */
function holdOf({ reason, by, until }: Reason, at: Micros): Hold {
  if (reason === 'quiet_hours' && until !== undefined) return { reason, by, until };
  const again = Math.min(until ?? Infinity, at + LOOK_AGAIN);
  return { reason, by, until: Math.max(at + 1_000_000, again) };
}

const firingOf = ({ id, subjectKind, raisedAt, ...one }: Omit<StoredMember, 'context' | 'fingerprint'>): Firing => ({
  alertId: id,
  raisedAt,
  labels: knownLabels({ ...one, subject: subjectKind }),
});

const dayOf = (at: Micros, zone: string, startsAt: string) => calendarSpan(at, { unit: 'day', zone, startsAt });
