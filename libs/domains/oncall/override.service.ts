import { Injectable } from '@nestjs/common';
import { DomainError, invalid, newId, type Micros } from '@holdfast/kernel';
import { held, type Override } from './core/override';
import { DAY } from './core/wall-time';
import { NEWEST, OnCallStore } from './oncall.store';
import { PersonService } from './person.service';
import { LONGEST_DAYS } from './schedule.schemas';
import { ScheduleService } from './schedule.service';

const SECOND: Micros = 1_000_000;

/** What somebody wants to take over; from now on where `from` is not given. */
export interface Taken {
  readonly person: string;
  readonly from?: Micros | undefined;
  readonly to: Micros;
  readonly reason: string;
}

/** Overrides: take over, give back, list. */
@Injectable()
export class OverrideService {
  constructor(
    private readonly store: OnCallStore,
    private readonly schedules: ScheduleService,
    private readonly people: PersonService,
  ) {}

  /** @throws DomainError `not_found` for the schedule; `invalid` when the person does not exist, or the span is in the past or too long */
  async take(schedule: string, { person, to, reason, ...span }: Taken, by: string, now: Micros): Promise<Override> {
    const begun = Math.floor(now / SECOND) * SECOND;
    const from = span.from ?? begun;
    if (from < begun)
      throw invalid('override_in_the_past', 'what was cannot be changed', [
        { field: 'from', reason: 'is in the past; leave it out to begin now' },
      ]);
    if (to <= from)
      throw invalid('override_in_the_past', 'the override would be over already', [
        { field: 'to', reason: 'must be in the future' },
      ]);
    if (to - from > LONGEST_DAYS * DAY)
      throw invalid('invalid_request', 'the override is too long', [
        { field: 'to', reason: `must be ${LONGEST_DAYS} days after the beginning at most` },
      ]);
    await Promise.all([this.schedules.schedule(schedule), this.people.mustExist([{ field: 'person', id: person }])]);
    // The newest one wins: also where this clock has jumped back since the last one was made.
    const [last] = await this.store.list(schedule, NEWEST, '', 1);
    const at = Math.max(now, (last?.at ?? 0) + 1);
    const override = { id: newId(), schedule, person, from, to, reason, by, at };
    await this.store.add(override);
    return { ...override, withdrawn: undefined };
  }

  /** What of it is over stays. @throws DomainError `not_found`; `conflict` when nothing of it is left */
  async withdraw(schedule: string, id: string, by: string, now: Micros): Promise<Override> {
    const found = await this.store.find(schedule, id);
    if (!found) throw new DomainError('not_found', 'override_not_found', 'the schedule has no such override');
    if (found.withdrawn || held(found).to <= now)
      throw new DomainError('conflict', 'override_over', 'the override is over or was withdrawn already');
    const at = Math.floor(now / SECOND) * SECOND;
    await this.store.withdraw(schedule, id, by, at);
    return { ...found, withdrawn: { by, at } };
  }

  /** The last made first, of those before a place; the last of all where none is given. @throws DomainError `not_found` for the schedule */
  async list(schedule: string, before: readonly [Micros, string] | undefined, limit: number): Promise<Override[]> {
    const [beforeAt, beforeId] = before ?? [NEWEST, ''];
    const found = await this.store.list(schedule, beforeAt, beforeId, limit);
    if (found.length === 0) await this.schedules.schedule(schedule);
    return found;
  }
}
