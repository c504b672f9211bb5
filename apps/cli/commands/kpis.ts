import type { Command } from 'commander';
import { contextOf, segment } from '../context';
import { count, facts, table } from '../output';

interface Percentiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}
interface Times {
  readonly keys: number;
  readonly seconds: Percentiles | null;
}
interface Kpis {
  readonly process: string;
  readonly from: string;
  readonly to: string;
  readonly asOf: string | null;
  readonly isComplete: boolean;
  readonly cycleTime: Times;
  readonly leadTimes: readonly (Times & { readonly from: string; readonly to: string })[];
  readonly throughput: { readonly keys: number; readonly perHour: Percentiles | null };
  readonly successRate: { readonly keys: number; readonly reached: number; readonly rate: number | null };
  readonly backlog: readonly {
    readonly from: string;
    readonly to: string;
    readonly keys: number;
    readonly ageSeconds: Percentiles | null;
  }[];
  readonly resolutionLatency: {
    readonly resolved: number;
    readonly open: number;
    readonly seconds: Percentiles | null;
  };
}
interface Line {
  readonly name: string;
  readonly count: number;
  readonly percentiles: Percentiles | null;
  readonly text: (value: number) => string;
}

/** Three digits that matter, in the largest unit that is not below one. */
function duration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [0.001, 'ms'];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}

export function addKpis(program: Command): void {
  program
    .command('kpis')
    .argument('<process>', 'id of the process')
    .description('how well a process goes, as percentiles; by when things arrived, in whole hours')
    .option('--from <time>', 'RFC 3339, a whole hour of UTC; a day before --to')
    .option('--to <time>', 'RFC 3339, a whole hour of UTC; what is measured until now')
    .action(async (process: string, query: { from?: string; to?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const kpis = await client.get<Kpis>(`/v1/processes/${segment(process)}/kpis`, { ...query });
      output.document(kpis, () => kpisText(kpis));
    });
}

function kpisText(kpis: Kpis): string {
  const { successRate, throughput, resolutionLatency, leadTimes, backlog, cycleTime } = kpis;
  const rate = successRate.rate === null ? '' : ` (${Number((successRate.rate * 100).toFixed(2))}%)`;
  const about = facts([
    ['process', kpis.process],
    ['arrivals', `${kpis.from} to ${kpis.to}`],
    [
      'as of',
      kpis.asOf === null ? 'nothing is measured yet' : kpis.isComplete ? kpis.asOf : `${kpis.asOf}, not all yet`,
    ],
    ['success', `${count(successRate.reached)} of ${count(successRate.keys)} keys${rate}`],
    ['windows', `${count(resolutionLatency.resolved)} resolved, ${count(resolutionLatency.open)} with gaps`],
  ]);
  const lines: Line[] = [
    { name: 'cycle time', count: cycleTime.keys, percentiles: cycleTime.seconds, text: duration },
    ...leadTimes.map(({ from, to, keys, seconds }) => ({
      ...{ name: `lead time ${from} -> ${to}`, count: keys, percentiles: seconds, text: duration },
    })),
    ...backlog.map(({ from, to, keys, ageSeconds }) => ({
      ...{ name: `waiting ${from} -> ${to}`, count: keys, percentiles: ageSeconds, text: duration },
    })),
    { name: 'throughput an hour', count: throughput.keys, percentiles: throughput.perHour, text: count },
    {
      ...{ name: 'resolution', count: resolutionLatency.resolved },
      ...{ percentiles: resolutionLatency.seconds, text: duration },
    },
  ];
  const at = (level: keyof Percentiles) => ({
    title: level,
    value: ({ percentiles, text }: Line) => percentiles && text(percentiles[level]),
    align: 'right' as const,
  });
  const columns = [
    { title: '', value: ({ name }: Line) => name },
    { title: 'count', value: (line: Line) => count(line.count), align: 'right' as const },
    ...(['p50', 'p75', 'p90', 'p95', 'p99'] as const).map(at),
  ];
  return `${about}\n\n${table(lines, columns)}`;
}
