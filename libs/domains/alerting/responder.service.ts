import { Injectable, Logger } from '@nestjs/common';
import { OnCallService } from '@holdfast/domains/oncall/on-call.service';
import { PersonService } from '@holdfast/domains/oncall/person.service';
import { DomainError, LastKnown, type Micros } from '@holdfast/kernel';
import type { Addressee } from '@holdfast/workflows/alerting/escalate-alert/contract';
import type { PageTarget } from './core/escalation-policy';

/** A target that stands for nobody at this time. */
export interface Nobody {
  /** Its place in the list, from 1. */
  readonly target: number;
  readonly code: 'off_shift' | 'no_contact' | 'unknown_person' | 'unknown_schedule';
  /** The schedule or the person. */
  readonly reason: string;
}

/** Whom targets stand for. */
export interface Responders {
  readonly pages: Addressee[];
  readonly nobody: Nobody[];
  /** When the first of the schedules has somebody else. */
  readonly handoverAt: Micros | undefined;
}

/** How long a look-up may take, in ms: a page does not wait for a store that is away. */
const PATIENCE_MS = 2_000;

interface Found {
  readonly page?: Addressee;
  readonly nobody?: Nobody;
  readonly until?: Micros | undefined;
}

/** Finds who is behind the targets of a policy at an instant. While that cannot be read, whoever was last. */

@Injectable()
export class ResponderService {
  private readonly log = new Logger(ResponderService.name);
  private readonly known = new LastKnown<Found>(PATIENCE_MS);

  constructor(
    private readonly onCall: OnCallService,
    private readonly people: PersonService,
  ) {}

  async of(targets: readonly PageTarget[], at: Micros): Promise<Responders> {
    const found: Responders = { pages: [], nobody: [], handoverAt: undefined };
    const each = await Promise.all(targets.map((one, index) => this.lookedUp(one, index + 1, at)));
    for (const { page, nobody } of each) {
      if (page) found.pages.push(page);
      if (nobody) found.nobody.push(nobody);
    }
    const ends = each.flatMap(({ until }) => (until === undefined ? [] : [until]));
    return { ...found, handoverAt: ends.length > 0 ? Math.min(...ends) : undefined };
  }

  private async lookedUp(target: PageTarget, place: number, at: Micros): Promise<Found> {
    const { value, isOld } = await this.known.get(JSON.stringify(target), () => this.one(target, place, at));
    if (isOld) this.log.warn('a target stands for whom it stood for last: the store does not answer');
    const { page, nobody, until } = value;
    return {
      ...(page && { page }),
      ...(nobody && { nobody: { ...nobody, target: place } }),
      until: isOld ? undefined : until,
    };
  }

  private async one(target: PageTarget, place: number, at: Micros): Promise<Found> {
    switch (target.kind) {
      case 'pagerduty': {
        const { routingKey } = target;
        return { page: { person: '', destinations: [{ kind: 'pagerduty', routingKey }] } };
      }
      case 'channel': {
        const channels = [target.channel, ...(target.otherwise ?? [])];
        return { page: { person: '', destinations: channels.map((channel) => ({ kind: 'channel', channel })) } };
      }
      case 'person':
        return this.person(target.person, place);
      case 'schedule':
        return this.schedule(target.schedule, place, at);
    }
  }

  private async schedule(schedule: string, target: number, at: Micros) {
    try {
      const { now, until } = await this.onCall.one(schedule, at);
      if (!now) return { nobody: { target, code: 'off_shift', reason: schedule } as const, until };
      return { ...(await this.person(now.person, target)), until };
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
      return { nobody: { target, code: 'unknown_schedule', reason: schedule } as const };
    }
  }

  private async person(person: string, target: number): Promise<Found> {
    const found = (await this.people.everybody()).get(person);
    if (!found) return { nobody: { target, code: 'unknown_person', reason: person } };
    const destinations = (found.body.contacts ?? []).map((contact) =>
      contact.kind === 'pagerduty' ? contact : ({ kind: 'channel', channel: contact.channel, person } as const),
    );
    if (destinations.length === 0) return { nobody: { target, code: 'no_contact', reason: person } };
    return { page: { person, destinations } };
  }
}
