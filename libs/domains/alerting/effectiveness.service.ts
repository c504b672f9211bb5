import { Injectable } from '@nestjs/common';
import { type KindOfHour, kindAt } from '@holdfast/domains/oncall/core/fairness';
import { PersonService } from '@holdfast/domains/oncall/person.service';
import type { Micros } from '@holdfast/kernel';
import { clockOf } from '@holdfast/platform/calendar/clocks';
import { cursorOf, paginate, type Page } from '@holdfast/platform/http';
import { z } from 'zod';
import {
  type AnsweredBy,
  InterruptionCount,
  type Interruptions,
  neverActioned,
  type PageToPerson,
} from './core/effectiveness';
import { EffectivenessStore, type Measured, type StoredAnswers } from './effectiveness.store';

export type { StoredAnswers } from './effectiveness.store';

/** So many raises of one fingerprint within an hour are flapping. */
const FLAPPING_RAISES = 4;
const NOBODY_IN_PARTICULAR = '';

const byRaised = cursorOf('effectiveness', z.tuple([z.int(), z.string()]));
const NEWEST: [Micros, string] = [Number.MAX_SAFE_INTEGER, ''];

type Holds = Awaited<ReturnType<EffectivenessStore['holds']>>;
type Flapping = Awaited<ReturnType<EffectivenessStore['flapping']>>;
export interface Effectiveness {
  readonly sum: AnsweredBy;
  readonly bySeverity: readonly AnsweredBy[];
  readonly byPolicy: readonly AnsweredBy[];
  readonly byProcess: readonly AnsweredBy[];
  readonly bySource: readonly AnsweredBy[];
  readonly neverActioned: readonly AnsweredBy[];
  readonly flapping: Flapping;
  readonly heldBack: Holds;
  readonly interruptions: readonly Interruptions[];
  readonly pagesToNobodyInParticular: number;
}

/** How well alerting works: how soon alerts are answered, whom they interrupt when, and which of them are noise. */
@Injectable()
export class EffectivenessService {
  constructor(
    private readonly store: EffectivenessStore,
    private readonly people: PersonService,
  ) {}

  /** Of alerts that were raised in the span, and pages that went out in it. @param asOf now: until then holds that go on count */
  async measure(of: Measured, asOf: Micros): Promise<Effectiveness> {
    const [answers, flapping, heldBack, interruptions] = await Promise.all([
      this.store.answers(of),
      this.store.flapping(of, FLAPPING_RAISES),
      this.store.holds(of, asOf),
      this.interruptions(of),
    ]);
    const by = (dimension: (typeof answers)[number]['dimension']): AnsweredBy[] =>
      answers.filter((one) => one.dimension === dimension);
    const bySource = by('source');
    return {
      sum: by('all')[0] ?? NO_ALERTS,
      bySeverity: by('severity'),
      byPolicy: by('policy'),
      byProcess: by('process'),
      bySource,
      neverActioned: neverActioned(bySource),
      flapping,
      heldBack,
      interruptions: interruptions.filter(({ person }) => person !== NOBODY_IN_PARTICULAR),
      pagesToNobodyInParticular: interruptions.find(({ person }) => person === NOBODY_IN_PARTICULAR)?.pages ?? 0,
    };
  }

  /** Alert by alert, newest first. @throws DomainError `invalid` with code `invalid_cursor` */
  async each(of: Measured, limit: number, cursor?: string): Promise<Page<StoredAnswers>> {
    const [beforeAt, beforeId] = cursor === undefined ? NEWEST : byRaised.decode(cursor);
    const found = await this.store.answersOfEach(of, beforeAt, beforeId, limit + 1);
    return paginate(found, limit, byRaised, ({ raisedAt, id }) => [raisedAt, id]);
  }

  private async interruptions(of: Measured): Promise<Interruptions[]> {
    const everybody = await this.people.everybody();
    const kindOf = ({ person, at }: PageToPerson): KindOfHour | undefined => {
      const found = everybody.get(person)?.body;
      return found && kindAt(found, clockOf(found.zone, of.from, of.to).wallAt(at));
    };
    const count = new InterruptionCount(kindOf);
    for await (const pages of this.store.pages(of)) for (const page of pages) count.add(page);
    return count.all();
  }
}

const NO_ALERTS: AnsweredBy = {
  ...{ name: '', alerts: 0, acknowledged: 0, engaged: 0, resolved: 0, healedUnseen: 0 },
  ...{ secondsToFirstAck: undefined, secondsToEngage: undefined },
  ...{ secondsToResolve: undefined, secondsToHeal: undefined },
};
