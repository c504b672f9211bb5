import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { clockOf } from '@holdfast/platform/calendar/clocks';
import { type Share, shareOf } from './core/fairness';
import { calendarText, timeText } from './core/icalendar';
import type { Override } from './core/override';
import type { ScheduleDefinition } from './core/schedule';
import { type Assignment, assignments, gapsOf, type InForce, type Shift, shiftsOf, type Span } from './core/timeline';
import { DAY } from './core/wall-time';
import { OnCallStore } from './oncall.store';
import { PersonService } from './person.service';
import { LONGEST_DAYS } from './schedule.schemas';
import { type Schedule, ScheduleService } from './schedule.service';

const LONGEST: Micros = LONGEST_DAYS * DAY;
const PAGE = 100;

/** Who has a schedule at an instant. What does not apply, and what is further away than the longest turn, is undefined. */
export interface OnCall {
  readonly schedule: string;
  readonly now: Assignment | undefined;
  readonly until: Micros | undefined;
  readonly next: string | undefined;
}

/** Who is on call, was, and will be: each time by the version of the schedule that held then, and by the overrides. */
@Injectable()
export class OnCallService {
  constructor(
    private readonly schedules: ScheduleService,
    private readonly people: PersonService,
    private readonly store: OnCallStore,
  ) {}

  /** @throws DomainError `not_found` */
  async one(id: string, at: Micros): Promise<OnCall> {
    return onCallAt(id, at, await this.assigned(id, at, at + LONGEST));
  }

  /** By id, behind one. */
  async page(after: string, limit: number, at: Micros): Promise<OnCall[]> {
    const to = at + LONGEST;
    const found = await this.schedules.list(after, limit);
    if (found.length === 0) return [];
    const overrides = await this.overridesOf(
      found.map(({ id }) => id),
      at,
      to,
    );
    return Promise.all(
      found.map(async (one) => {
        const versions = await this.inForce(one.id, one, at, to);
        return onCallAt(one.id, at, assignments(versions, overrides.get(one.id) ?? [], at, to));
      }),
    );
  }

  /** @throws DomainError `not_found` */
  async shifts(id: string, from: Micros, to: Micros): Promise<Shift[]> {
    return shiftsOf(await this.assigned(id, from, to));
  }

  /** @throws DomainError `not_found` */
  async gaps(id: string, from: Micros, to: Micros): Promise<Span[]> {
    return gapsOf(await this.assigned(id, from, to), from, to);
  }

  /** Gaps of every schedule as it is now; also the schedules that have none. */
  async everyGap(
    from: Micros,
    to: Micros,
  ): Promise<{ readonly id: string; readonly definition: ScheduleDefinition; readonly gaps: Span[] }[]> {
    const [schedules, overrides] = await Promise.all([this.schedules.every(), this.overridesOf([], from, to)]);
    return [...schedules].map(([id, { body: definition }]) => {
      const clock = clockOf(definition.zone, from, to);
      const assigned = assignments([{ definition, clock, from, to }], overrides.get(id) ?? [], from, to);
      return { id, definition, gaps: gapsOf(assigned, from, to) };
    });
  }

  /** By person. @throws DomainError `not_found` */
  async fairness(id: string, from: Micros, to: Micros): Promise<{ shares: Share[]; gaps: Span[] }> {
    const assigned = await this.assigned(id, from, to);
    const everybody = await this.people.everybody();
    const shares = [...groupedBy(shiftsOf(assigned), ({ person }) => person)].flatMap(([person, own]) => {
      const found = everybody.get(person);
      return found ? [shareOf(person, found.body, clockOf(found.body.zone, from, to), own)] : [];
    });
    return { shares: shares.sort((a, b) => (a.person < b.person ? -1 : 1)), gaps: gapsOf(assigned, from, to) };
  }

  /**
   * Turn by turn, whole, as far as they share time with [from, to): what a turn is named by is when it begins, wherever the calendar does.
   * @throws DomainError `not_found`
   */
  async calendar(id: string, from: Micros, to: Micros): Promise<string> {
    const [first, last] = [from - LONGEST, to + LONGEST];
    const [schedule, everybody, overrides] = await Promise.all([
      this.schedules.schedule(id),
      this.people.everybody(),
      this.overridesOf([id], first, last),
    ]);
    const own = overrides.get(id) ?? [];
    const assigned = assignments(await this.inForce(id, schedule, first, last), own, first, last);
    const events = assigned
      .filter((one) => one.from < to && one.to > from)
      .map((one) => ({
        uid: `${timeText(one.from)}-${id}@on-call.holdfast`,
        ...{ from: one.from, to: one.to },
        summary: `${everybody.get(one.person)?.body.name ?? one.person} on call: ${id}`,
        description: one.override === '' ? `Layer ${one.layer}` : 'Override',
      }));
    const changes = own.flatMap(({ at, withdrawn }) => [at, withdrawn?.at ?? at]);
    return calendarText(`On call: ${id}`, events, Math.max(schedule.changedAt, ...changes));
  }

  private async assigned(id: string, from: Micros, to: Micros): Promise<Assignment[]> {
    const [schedule, overrides] = await Promise.all([this.schedules.schedule(id), this.overridesOf([id], from, to)]);
    return assignments(await this.inForce(id, schedule, from, to), overrides.get(id) ?? [], from, to);
  }

  private async overridesOf(ids: readonly string[], from: Micros, to: Micros): Promise<Map<string, Override[]>> {
    return groupedBy(await this.store.within(ids, from, to), ({ schedule }) => schedule);
  }

  /** The versions that held in [from, to): before the first one nobody was on call. */
  private async inForce(id: string, newest: Schedule, from: Micros, to: Micros): Promise<InForce[]> {
    const versions = [newest];
    for (let oldest = newest; oldest.version > 1 && oldest.changedAt > from; oldest = versions.at(-1)!) {
      const older = await this.schedules.history(id, oldest.version, PAGE);
      if (older.length === 0) break;
      versions.push(...older);
    }
    return versions.toReversed().map(({ body, changedAt }, i, all) => ({
      ...{ definition: body, clock: clockOf(body.zone, from, to) },
      ...{ from: changedAt, to: all[i + 1]?.changedAt ?? Infinity },
    }));
  }
}

/** @param assigned from the instant on, for the longest turn */
function onCallAt(schedule: string, at: Micros, assigned: readonly Assignment[]): OnCall {
  const [first, second] = shiftsOf(assigned);
  if (first?.from !== at) return { schedule, now: undefined, until: first?.from, next: first?.person };
  const until = first.to < at + LONGEST ? first.to : undefined;
  const next = second && second.from === until ? second.person : undefined;
  return { schedule, now: assigned[0], until, next };
}

/** In the order of each group's first. */
function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const own = groups.get(keyOf(one));
    if (own) own.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
