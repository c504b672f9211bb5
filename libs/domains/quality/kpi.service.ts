import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { WindowStatisticsService } from '@holdfast/domains/reconciliation/window-statistics.service';
import { invalid, type Micros } from '@holdfast/kernel';
import { HOUR, hourAt, type Percentiles, percentilesOf, percentilesOfHours, type Way, waysOf } from './core/kpi';
import { KpiStore, type Standing, type Summed } from './kpi.store';

const DAY: Micros = 24 * HOUR;
/** What waits longer is not looked for. */
const BACKLOG: Micros = 400 * DAY;

export interface Times {
  readonly keys: number;
  readonly reversed: number;
  readonly seconds: Percentiles | null;
}

/** How well a process goes, from aggregates that are merged for any hours. */
@Injectable()
export class KpiService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly store: KpiStore,
    private readonly windows: WindowStatisticsService,
  ) {}

  /**
   * @param asked whole hours; the day up to what is measured where they are not given
   * @param now where nothing has been measured yet
   * @throws DomainError `not_found`; `invalid` when the hours that were left out do not fit those that were given
   */
  async of(process: string, asked: { from?: Micros | undefined; to?: Micros | undefined }, now: Micros) {
    const { body } = await this.catalog.process(process);
    const asOf = await this.store.mark();
    const to = asked.to ?? hourAt((asOf ?? now) - 1) + HOUR;
    const from = asked.from ?? to - DAY;
    if (from >= to || to - from > BACKLOG)
      throw invalid('invalid_span', 'the period is empty or too long', [
        { field: 'from', reason: 'must be at most 400 days before what is measured; give `to` too' },
      ]);
    const { hops, cycle } = waysOf(body);
    const known = asOf ?? from;
    const [summed, came, started, resolutions, ...waiting] = await Promise.all([
      this.store.hops(process, from, to),
      this.store.throughput(process, cycle, from, to),
      this.store.standing(process, cycle, from, to, known),
      this.windows.resolutions(process, from, to),
      ...hops.map((hop) => this.store.standing(process, hop, known - BACKLOG, known + HOUR, known)),
    ]);
    const wholeHours = Math.max(0, Math.min(to, hourAt(known)) - from) / HOUR;
    const whole = came.filter(({ at }) => at < hourAt(known));
    return {
      ...{ process, from, to, asOf: asOf ?? null, isComplete: asOf !== undefined && asOf >= to },
      cycleTime: timesOf(summed, cycle),
      leadTimes: hops.map((hop) => ({ ...namesOf(hop), ...timesOf(summed, hop) })),
      throughput: {
        keys: came.reduce((sum, { keys }) => sum + keys, 0),
        perHour:
          percentilesOfHours(
            whole.map(({ keys }) => keys),
            wholeHours,
          ) ?? null,
      },
      successRate: {
        keys: started.came,
        reached: started.gone,
        rate: started.came === 0 ? null : started.gone / started.came,
      },
      backlog: hops.map((hop, index) => ({ ...namesOf(hop), ...backlogOf(waiting[index]!) })),
      resolutionLatency: {
        resolved: resolutions.resolved,
        open: resolutions.open,
        seconds: resolutions.resolved === 0 ? null : percentilesOf(resolutions.seconds),
      },
    };
  }
}

const namesOf = ({ from, to }: Way): Way => ({ from, to });

function timesOf(summed: readonly Summed[], { from, to }: Way): Times {
  const found = summed.find((one) => one.fromStage === from && one.toStage === to);
  if (!found) return { keys: 0, reversed: 0, seconds: null };
  return {
    keys: found.keys,
    reversed: found.reversed,
    seconds: percentilesOf(found.took.map((micros) => micros / 1_000_000)),
  };
}

function backlogOf({ ages, byAge, oldest }: Standing) {
  const keys = byAge.reduce((sum, one) => sum + one, 0);
  const [hour, fourHours, day, week, older] = byAge as [number, number, number, number, number];
  return {
    keys,
    oldestSeconds: keys === 0 ? null : oldest,
    ageSeconds: keys === 0 ? null : percentilesOf(ages),
    byAge: { hour, fourHours, day, week, older },
  };
}
