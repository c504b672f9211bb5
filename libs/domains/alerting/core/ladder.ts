import type { Happening, Page, PagePlace } from './alert';
import type { PageTarget, PolicySnapshot } from './escalation-policy';

/** One level of one run of the ladder. Levels count from 1, repeats from 0. */
export interface Step {
  readonly level: number;
  readonly repeat: number;
  readonly timeoutSeconds: number;
  readonly targets: readonly PageTarget[];
}

/** The steps of a policy in the order in which they are taken: all levels, and all of them again for each repeat. */
export function ladderOf({ levels, repeats }: PolicySnapshot): Step[] {
  return Array.from({ length: repeats + 1 }, (_, repeat) =>
    levels.map(({ targets, acknowledgeTimeoutSeconds }, index) => ({
      level: index + 1,
      repeat,
      timeoutSeconds: acknowledgeTimeoutSeconds,
      targets,
    })),
  ).flat();
}

/** How the pages of a step stand. */
export interface Paging {
  /** One of them was accepted: somebody is being notified. */
  accepted(): boolean;
  /** None of them will ever be: each was refused for good. */
  hopeless(): boolean;
}

/** What climbing needs done. */
export interface Climber {
  /** Somebody acknowledged, or the alert was resolved. */
  answered(): boolean;
  /** Pages all targets of the step at once, without waiting for them. */
  page(step: Step): Paging;
  /** Waits until it holds, for so many seconds at most. @returns whether it holds */
  until(holds: () => boolean, seconds: number): Promise<boolean>;
  note(happening: Happening): void;
}

/**
 * Climbs the ladder: pages level after level until somebody answers or the ladder is at its end.
 *
 * A level's timeout counts from its first accepted page. While none is accepted, because PagerDuty is out of reach, the level gets as long, then the ladder goes
 * on to the next one, which may be reached; the pages of this level are tried further. So an outage neither freezes the ladder nor skips a level. A level whose
 * targets refuse for good is left at once.
 */
export async function climb(ladder: readonly Step[], { answered, page, until, note }: Climber): Promise<void> {
  for (const step of ladder) {
    if (answered()) return;
    const { level, repeat, timeoutSeconds } = step;
    const paging = page(step);
    await until(() => answered() || paging.accepted() || paging.hopeless(), timeoutSeconds);
    if (answered()) return;
    if (paging.accepted()) {
      if (await until(answered, timeoutSeconds)) return;
      note({ kind: 'timed_out', level, repeat });
    } else if (!paging.hopeless()) {
      note({ kind: 'unreachable', level, repeat });
    }
  }
  if (!answered()) note({ kind: 'exhausted' });
}

/** The pages of a step. Each has a dedup key of its own: a trigger on a key that is open notifies nobody. */
export function pagesOf(alertId: string, { level, repeat, targets }: Step): (PagePlace & Page)[] {
  return targets.map(({ routingKey }, index) => {
    const target = index + 1;
    const suffix = targets.length > 1 ? `/T${target}` : '';
    return { level, repeat, target, routingKey, dedupKey: `${alertId}/L${level}/R${repeat}${suffix}` };
  });
}

/** Together with its suffix a dedup key stays below PagerDuty's 255 characters. */
const ALERT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,199}$/;
const DEDUP_KEY = /^([^/]+)\/L\d{1,2}\/R\d{1,2}(?:\/T\d)?$/;

export const isAlertId = (text: string): boolean => ALERT_ID.test(text);

/** The alert that a dedup key belongs to; undefined for a key that is not one of ours. */
export function alertIdOf(dedupKey: string): string | undefined {
  const alertId = DEDUP_KEY.exec(dedupKey)?.[1];
  return alertId !== undefined && isAlertId(alertId) ? alertId : undefined;
}
