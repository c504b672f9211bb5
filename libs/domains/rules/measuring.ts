import { Injectable, Logger } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { Process } from '@holdfast/domains/catalog/core/process';
import { DomainError } from '@holdfast/kernel';
import { tooMuch } from '@holdfast/platform/clickhouse';
import {
  type Asked,
  type Counted,
  filled,
  isOfCounts,
  type Measured,
  type Moments,
  ofCounts,
  type Series,
  windowsOf,
} from './core/measuring';
import { type Metric, type Selection, type SeriesKey, seriesKey, WHOLE } from './core/rule';
import type { Fault } from './core/series';
import { type Numbers, RecordsStore } from './records.store';
import { Standings } from './standings';

/** A metric as it is measured: the same of several rules is measured once. */
const nameOf = (asked: Asked): string => JSON.stringify(asked);

const GONE: Measured = { fault: 'unknown_stage' };

type Of<K extends Metric['kind']> = Asked & { readonly metric: Extract<Metric, { readonly kind: K }> };
const isKind =
  <K extends Metric['kind']>(...kinds: readonly K[]) =>
  (asked: Asked): asked is Of<K> =>
    kinds.includes(asked.metric.kind as K);

/** Measures metrics at some moments: one query for all of a kind, however many rules there are. */
@Injectable()
export class Measuring {
  private readonly log = new Logger(Measuring.name);

  constructor(
    private readonly records: RecordsStore,
    private readonly standings: Standings,
    private readonly catalog: CatalogService,
  ) {}

  /**
   * @returns what was measured of each, in their order; a fault instead where its kind could not be
   * @throws DomainError `unavailable` when the store cannot be asked
   */
  async measure(asked: readonly Asked[], moments: Moments): Promise<(Series | { readonly fault: Fault })[]> {
    const distinct = [...new Map(asked.map((one) => [nameOf(one), one])).values()];
    const found = new Map<string, Series | { readonly fault: Fault }>();
    const kinds: readonly ((all: readonly Asked[]) => Promise<[Asked, Series][]>)[] = [
      async (all) =>
        this.counted(
          all.filter((one): one is CountsAsked => isOfCounts(one.metric)),
          moments,
        ),
      async (all) => this.numbered(all.filter(isKind('percentile')), moments),
      async (all) => this.keyed(all.filter(isKind('duration', 'backlog')), moments),
      async (all) => this.standings.verdicts(all.filter(isKind('verdict')), moments),
      async (all) => this.standings.findings(all.filter(isKind('findings')), moments),
      async (all) => this.standings.budgets(all.filter(isKind('budget')), moments),
    ];
    for (const measured of kinds)
      try {
        for (const [one, series] of await measured(distinct)) found.set(nameOf(one), series);
      } catch (error) {
        // What cannot be asked at all is tried again; what this query cannot do, its rules tell of.
        if (error instanceof DomainError && !tooMuch(error)) throw error;
        this.log.error(`a metric could not be measured: ${error instanceof Error ? error.name : String(error)}`);
      }
    return asked.map((one) => found.get(nameOf(one)) ?? { fault: 'query_failed' });
  }

  private async counted(asked: readonly CountsAsked[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const selections = asked.flatMap(({ metric }) => ('of' in metric ? [metric.events, metric.of] : [metric.events]));
    const rows = await this.records.counts(
      moments,
      [...new Set(asked.flatMap(windowsOf))],
      toldBy(asked, selections),
      everyOf(selections.map(({ process }) => process)),
      [...new Set(selections.map(({ outcome = 'stored' }) => outcome))],
    );
    const systemOf = await this.systems(rows);
    const byWindow = new Map<number, Counted[]>();
    for (const row of rows) {
      const counted = { ...row, system: systemOf(row) };
      const own = byWindow.get(row.window);
      if (own) own.push(counted);
      else byWindow.set(row.window, [counted]);
    }
    return asked.map((one) => [one, ofCounts(one, byWindow, moments)]);
  }

  private async numbered(asked: readonly Of<'percentile'>[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const rows = await this.records.numbers(moments, asked);
    const found = asked.map(() => new Map<SeriesKey, Numbers[]>());
    for (const row of rows) {
      const { metric } = asked[row.index]!;
      const key = seriesKey(metric.by.map((name) => (name === 'system' ? '' : row[name])));
      const own = found[row.index]!.get(key) ?? [];
      own[row.moment] = row;
      found[row.index]!.set(key, own);
    }
    return asked.map((one, index) => [
      one,
      filled(one.metric, found[index]!, moments, (row) =>
        row.numbers > 0
          ? row.percentileOf(one.metric.percentile)
          : row.present > 0
            ? { fault: 'not_a_number' }
            : undefined,
      ),
    ]);
  }

  private async keyed(asked: readonly Of<'duration' | 'backlog'>[], moments: Moments): Promise<[Asked, Series][]> {
    if (asked.length === 0) return [];
    const rows = await this.records.keys(moments, asked);
    const isKnown = await this.stages(asked.map(({ metric }) => metric.process));
    const found = asked.map((): Measured[] => []);
    for (const { index, moment, waiting, arrived, percentileOf } of rows) {
      const { metric } = asked[index]!;
      if (metric.kind === 'backlog') found[index]![moment] = waiting;
      else if (arrived > 0) found[index]![moment] = percentileOf(metric.percentile);
    }
    return asked.map((one, index) => {
      const { process, from, to } = one.metric;
      // The process may have lost a stage since the rule was put: nothing would ever come to it.
      const gone = !isKnown(process, from) || !isKnown(process, to);
      const measured = gone ? Array.from({ length: moments.count }, (): Measured => GONE) : found[index]!;
      return [one, filled(one.metric, new Map([[WHOLE, measured]]), moments, (value) => value)];
    });
  }

  private async stages(processes: readonly string[]): Promise<(process: string, stage: string) => boolean> {
    const found = await this.catalog.findProcesses([...new Set(processes)]);
    const known = new Map(
      found.map(({ id, stages }): [string, Set<string>] => [id, new Set(stages.map((one) => one.id))]),
    );
    return (process, stage) => known.get(process)?.has(stage) ?? false;
  }

  /** The system of a record's stage; '' where its process does not know it. */
  private async systems(
    rows: readonly { readonly process: string }[],
  ): Promise<(record: { readonly process: string; readonly stage: string }) => string> {
    const ids = [...new Set(rows.map(({ process }) => process))].filter((id) => id !== '');
    const processes = new Map((await this.catalog.findProcesses(ids)).map((one): [string, Process] => [one.id, one]));
    return ({ process, stage }) => {
      const found = processes.get(process)?.stages.find(({ id }) => id === stage);
      return found ? (found.system ?? found.id) : '';
    };
  }
}

type CountsAsked = Parameters<typeof ofCounts>[0] & Asked;

/** What records have to be told apart by for these. Who asks for a system asks for the stage that has it. */
function toldBy(asked: readonly CountsAsked[], selections: readonly Selection[]): string[] {
  const names = new Set<string>(asked.flatMap(({ metric }) => [...metric.by]));
  for (const name of ['stage', 'system', 'source', 'type', 'status'] as const)
    if (selections.some((one) => one[name] !== undefined)) names.add(name);
  if (names.has('system')) names.add('stage');
  return [...names];
}

/** None where one of them is of all. */
const everyOf = (processes: readonly (string | undefined)[]): string[] =>
  processes.includes(undefined) ? [] : [...new Set(processes as readonly string[])];
