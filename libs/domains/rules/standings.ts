import { Injectable } from '@nestjs/common';
import { FindingStatisticsService } from '@holdfast/domains/findings/finding-statistics.service';
import { BudgetService } from '@holdfast/domains/quality/budget.service';
import { WindowStatisticsService } from '@holdfast/domains/reconciliation/window-statistics.service';
import type { Micros } from '@holdfast/kernel';
import {
  type Asked,
  type Change,
  filled,
  lastOf,
  type Measured,
  type Moments,
  type Series,
  standing,
} from './core/measuring';
import { type Metric, seriesKey, WHOLE } from './core/rule';

type Of<K extends Metric['kind']> = Asked & { readonly metric: Extract<Metric, { readonly kind: K }> };

/** What rules measure of what other domains found: each is asked once for all rules. */
@Injectable()
export class Standings {
  constructor(
    private readonly windows: WindowStatisticsService,
    private readonly found: FindingStatisticsService,
    private readonly budget: BudgetService,
  ) {}

  /** A window counts from its verdict on, until its end is as long ago as the rule's window is long. */
  async verdicts(asked: readonly Of<'verdict'>[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const processes = asked.map(({ metric }) => metric.process);
    const named = processes.includes(undefined) ? [] : (processes as string[]);
    const back = Math.max(...asked.map(({ window }) => window));
    const judged = await this.windows.verdictsSince(named, moments.first - back, lastOf(moments));
    return asked.map((one) => {
      const { metric, window } = one;
      const own = judged.filter(({ process }) => metric.process === undefined || process === metric.process);
      const changes = own.flatMap(({ reconciliation, process, windowTo, judgedAt, open }): Change[] => {
        const series = keyOf(metric, process);
        const ends = windowTo + window;
        if (judgedAt >= ends) return [];
        const value = metric.counts === 'windows' ? Math.min(1, open) : open;
        return [
          { of: reconciliation, series, at: judgedAt, value },
          { of: reconciliation, series, at: ends, value: 0 },
        ];
      });
      return [one, standing(metric, inOrder(changes), moments)];
    });
  }

  /** What is open at the instant, however long. */
  async findings(asked: readonly Of<'findings'>[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const stands = await this.found.standings(moments.first, lastOf(moments));
    return asked.map((one) => {
      const { metric } = one;
      const own = stands.filter(
        ({ kind, process }) =>
          (metric.finding === undefined || kind === metric.finding) &&
          (metric.process === undefined || process === metric.process),
      );
      const changes = own.map(({ finding, process, changedAt, isOpen }) => ({
        ...{ of: finding, series: keyOf(metric, process), at: changedAt, value: isOpen ? 1 : 0 },
      }));
      return [one, standing(metric, changes, moments)];
    });
  }

  /** As the objective's last evaluation within the window has it. */
  async budgets(asked: readonly Of<'budget'>[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const back = Math.max(...asked.map(({ window }) => window));
    const objectives = [...new Set(asked.map(({ metric }) => metric.objective))];
    const known = await this.budget.between(objectives, moments.first - back, lastOf(moments));
    return asked.map((one) => {
      const { metric, window } = one;
      const own = known.filter(({ objective }) => objective === metric.objective);
      const measured = Array.from({ length: moments.count }, (_, i): Measured => {
        const at = moments.first + i * moments.step;
        const last = own.findLast(({ evaluatedAt }) => evaluatedAt <= at && evaluatedAt > at - window);
        return (metric.shows === 'left' ? last?.budgetLeft : last?.burnRate) ?? undefined;
      });
      return [one, filled(metric, new Map([[WHOLE, measured]]), moments, (value) => value)];
    });
  }
}

const keyOf = ({ by }: { readonly by: readonly string[] }, process: string) =>
  by.length === 0 ? WHOLE : seriesKey([process]);

/** Of one window an earlier verdict comes before a later one, and its end last. */
const inOrder = <T extends { readonly at: Micros }>(changes: readonly T[]): T[] =>
  changes.toSorted((a, b) => a.at - b.at);
