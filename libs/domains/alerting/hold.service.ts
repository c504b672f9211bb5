import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { calendarSpan } from '@holdfast/platform/calendar';
import type { AlertToEscalate, HoldReason } from './core/alert';
import type { QuietHours } from './core/escalation-policy';
import { quietUntil } from './core/quiet-hours';

/** What keeps an alert from paging, and when to look again at the latest. */
export interface Hold {
  readonly reason: HoldReason;
  /** The window, the rule or the alert that does; the policy for its quiet hours. */
  readonly by: string;
  readonly until: Micros;
}

/** Finds what keeps an alert quiet. It is looked at when somebody would be paged, never when it is decided whether there is an alert. */
@Injectable()
export class HoldService {
  hold(alert: AlertToEscalate, quietHours: QuietHours | undefined, at: Micros): Promise<Hold | undefined> {
    const quiet = quietHours && quietUntil(quietHours, alert.severity, at, dayOf);
    return Promise.resolve(quiet === undefined ? undefined : { reason: 'quiet_hours', by: alert.policy, until: quiet });
  }
}

const dayOf = (at: Micros, zone: string, startsAt: string) => calendarSpan(at, { unit: 'day', zone, startsAt });
