import { Injectable } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { invalid, type Micros } from '@holdfast/kernel';
import type { ScheduleDefinition } from './core/schedule';
import { PersonService } from './person.service';
import { ScheduleSchema } from './schedule.schemas';

const SCHEDULE: DocumentKind<ScheduleDefinition> = { kind: 'on-call-schedule', body: ScheduleSchema };
/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';

export type Schedule = Version<ScheduleDefinition>;

/** On-call schedules: versioned documents. */
@Injectable()
export class ScheduleService {
  constructor(
    private readonly register: RegisterService,
    private readonly people: PersonService,
  ) {}

  /** @throws DomainError `not_found` */
  schedule(id: string): Promise<Schedule> {
    return this.register.get(SCHEDULE, id);
  }

  list(after: string, limit: number): Promise<(Schedule & { readonly id: string })[]> {
    return this.register.list(SCHEDULE, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Schedule[]> {
    return this.register.history(SCHEDULE, id, before, limit);
  }

  /** The newest version of every schedule. */
  every(): Promise<ReadonlyMap<string, Schedule>> {
    return this.register.everyCurrentOf(SCHEDULE, true);
  }

  /**
   * @returns the version that the schedule has now
   * @throws DomainError `invalid` when people or the escalation policy that it names do not exist; as RegisterService.change does
   */
  async put(id: string, schedule: ScheduleDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    await this.people.mustExist(
      schedule.layers.flatMap(({ participants }, layer) =>
        participants.map((person, i) => ({ field: `layers.${layer}.participants.${i}`, id: person })),
      ),
    );
    const { escalationPolicy } = schedule;
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy)))
      throw invalid('unknown_escalation_policy', 'the schedule names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(SCHEDULE, id, schedule, expected, by, at);
  }
}
