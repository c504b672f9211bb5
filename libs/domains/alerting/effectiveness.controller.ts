import { Controller, Get, Query } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { Answers, Permission } from '@holdfast/platform/http';
import type { z } from 'zod';
import type { AnsweredBy } from './core/effectiveness';
import { EachPage, EachQuery, EffectivenessAnswer, EffectivenessQuery } from './effectiveness.schemas';
import { EffectivenessService, type StoredAnswers } from './effectiveness.service';

@Controller('v1/alerting/effectiveness')
export class EffectivenessController {
  constructor(private readonly effectiveness: EffectivenessService) {}

  @Get()
  @Permission('alerts:read')
  @Answers(
    200,
    'How soon alerts raised in [from, to) were answered, whom pages interrupted when, and what is noise. What happened to these alerts later counts too.',
    EffectivenessAnswer,
  )
  async measure(@Query({ schema: EffectivenessQuery }) query: z.output<typeof EffectivenessQuery>) {
    const { from, to, process, policy, month, zone } = query;
    const asOf = Date.now() * 1000;
    const found = await this.effectiveness.measure({ from, to, process, policy }, asOf);
    const { name: _, ...sum } = answeredBy(found.sum);
    return {
      ...{ from: formatInstant(from), to: formatInstant(to), asOf: formatInstant(asOf) },
      ...(month !== undefined && { month, zone }),
      ...found,
      sum,
      bySeverity: found.bySeverity.map(answeredBy),
      byPolicy: found.byPolicy.map(answeredBy),
      byProcess: found.byProcess.map(answeredBy),
      bySource: found.bySource.map(answeredBy),
      neverActioned: found.neverActioned.map(answeredBy),
    };
  }

  @Get('alerts')
  @Permission('alerts:read')
  @Answers(200, 'The same alert by alert, newest first.', EachPage)
  async each(@Query({ schema: EachQuery }) query: z.output<typeof EachQuery>) {
    const { from, to, process, policy, limit, cursor } = query;
    const { items, next } = await this.effectiveness.each({ from, to, process, policy }, limit, cursor);
    return { items: items.map(answerOfEach), ...(next !== undefined && { next }) };
  }
}

const answeredBy = (one: AnsweredBy) => ({
  ...{ name: one.name, alerts: one.alerts, acknowledged: one.acknowledged },
  ...{ engaged: one.engaged, resolved: one.resolved, healedUnseen: one.healedUnseen },
  secondsToFirstAck: one.secondsToFirstAck ?? null,
  secondsToEngage: one.secondsToEngage ?? null,
  secondsToResolve: one.secondsToResolve ?? null,
  secondsToHeal: one.secondsToHeal ?? null,
});

function answerOfEach({ id, severity, policy, process, source, raisedAt, resolvedReason, ...at }: StoredAnswers) {
  const since = (time: Micros): number | null => (time === 0 ? null : (time - raisedAt) / 1_000_000);
  return {
    ...{ id, severity, policy, process, source, raisedAt: formatInstant(raisedAt) },
    secondsToFirstAck: since(at.acknowledgedAt),
    secondsToEngage: since(at.engagedAt),
    secondsToResolve: since(at.resolvedAt),
    resolvedReason: resolvedReason === '' ? null : resolvedReason,
    healedUnseen: at.resolvedAt > 0 && at.engagedAt === 0,
  };
}
