import type { Command } from 'commander';
import { holdText } from '../alert-text';
import { contextOf } from '../context';
import { UsageError } from '../exit';
import { type Column, count, facts, table } from '../output';

type Seconds = { readonly median: number; readonly p90: number } | null;
interface Answered {
  readonly name: string;
  readonly alerts: number;
  readonly acknowledged: number;
  readonly engaged: number;
  readonly resolved: number;
  readonly healedUnseen: number;
  readonly secondsToFirstAck: Seconds;
  readonly secondsToEngage: Seconds;
  readonly secondsToResolve: Seconds;
  readonly secondsToHeal: Seconds;
}
interface Interruptions {
  readonly person: string;
  readonly pages: number;
  readonly interruptions: number;
  readonly business: number;
  readonly off: number;
  readonly sleep: number;
  readonly weekend: number;
}
interface Report {
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
  readonly sum: Omit<Answered, 'name'>;
  readonly bySeverity: readonly Answered[];
  readonly byPolicy: readonly Answered[];
  readonly byProcess: readonly Answered[];
  readonly bySource: readonly Answered[];
  readonly neverActioned: readonly Answered[];
  readonly flapping: readonly { fingerprint: string; process: string; raised: number; mostInAnHour: number }[];
  readonly heldBack: readonly { reason: string; by: string; alerts: number; holds: number; seconds: number }[];
  readonly interruptions: readonly Interruptions[];
  readonly pagesToNobodyInParticular: number;
}
interface Options {
  readonly month?: string;
  readonly zone?: string;
  readonly from?: string;
  readonly to?: string;
  readonly process?: string;
  readonly policy?: string;
  readonly csv?: boolean;
}

/** In the largest unit that is not below one. */
function duration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}
const times = (value: Seconds): string => (value ? `${duration(value.median)} / ${duration(value.p90)}` : '');
const right = 'right' as const;

const ANSWERED: readonly Column<Answered>[] = [
  { title: '', value: ({ name }) => (name === '' ? '(none)' : name) },
  { title: 'alerts', value: ({ alerts }) => count(alerts), align: right },
  { title: 'engaged', value: ({ engaged }) => count(engaged), align: right },
  { title: 'healed unseen', value: ({ healedUnseen }) => count(healedUnseen), align: right },
  { title: 'to first ack', value: ({ secondsToFirstAck }) => times(secondsToFirstAck), align: right },
  { title: 'to engage', value: ({ secondsToEngage }) => times(secondsToEngage), align: right },
  { title: 'to resolve', value: ({ secondsToResolve }) => times(secondsToResolve), align: right },
];
const INTERRUPTIONS: readonly Column<Interruptions>[] = [
  { title: 'person', value: ({ person }) => person },
  { title: 'pages', value: ({ pages }) => count(pages), align: right },
  { title: 'interruptions', value: ({ interruptions }) => count(interruptions), align: right },
  ...(['business', 'off', 'sleep', 'weekend'] as const).map((kind) => ({
    title: kind,
    value: (one: Interruptions) => one[kind],
    align: right,
  })),
];
const FLAPPING: readonly Column<Report['flapping'][number]>[] = [
  { title: 'fingerprint', value: ({ fingerprint }) => fingerprint },
  { title: 'raised', value: ({ raised }) => count(raised), align: right },
  { title: 'most in an hour', value: ({ mostInAnHour }) => count(mostInAnHour), align: right },
];
const HELD: readonly Column<Report['heldBack'][number]>[] = [
  { title: 'by', value: ({ reason, by }) => holdText(reason, by) },
  { title: 'alerts', value: ({ alerts }) => count(alerts), align: right },
  { title: 'for', value: ({ seconds }) => duration(seconds), align: right },
];

export function addAlertReport(group: Command): void {
  group
    .command('report')
    .description('how soon alerts were answered, whom pages interrupted when, and what is noise')
    .option('--month <month>', 'such as 2026-11')
    .option('--zone <zone>', 'of the month, such as Europe/Berlin; UTC where not given')
    .option('--from <time>', 'RFC 3339, with --to: instead of a month')
    .option('--to <time>', 'RFC 3339')
    .option('--process <id>', 'only of this process')
    .option('--policy <id>', 'only of this escalation policy')
    .option('--csv', 'one line for each figure: section, name, figure, value')
    .action(async ({ csv, ...query }: Options, command: Command) => {
      const { client, output } = contextOf(command);
      if (csv === true && output.isJson) throw new UsageError('take either --csv or --json');
      const report = await client.get<Report>('/v1/alerting/effectiveness', { ...query });
      if (csv) await output.text(csvOf(report));
      else output.document(report, () => textOf(report));
    });
}

function textOf(report: Report): string {
  const { sum, bySource, neverActioned, flapping, heldBack, interruptions } = report;
  const about = facts([
    ['alerts raised', `${report.from} to ${report.to}, as of ${report.asOf}`],
    ['alerts', count(sum.alerts)],
    ['acknowledged', count(sum.acknowledged)],
    ['engaged', count(sum.engaged)],
    ['healed unseen', count(sum.healedUnseen)],
    ['pages to nobody in particular', count(report.pagesToNobodyInParticular)],
  ]);
  const part = <T>(title: string, rows: readonly T[], columns: readonly Column<T>[]): string[] =>
    rows.length === 0 ? [] : ['', title, table(rows, columns, '  ')];
  return [
    about,
    ...part('answers (median / 90 of 100)', [{ ...sum, name: 'all' }], ANSWERED),
    ...part('by severity', report.bySeverity, ANSWERED),
    ...part('by policy', report.byPolicy, ANSWERED),
    ...part('by process', report.byProcess, ANSWERED),
    ...part('by what raised them, most first', bySource, ANSWERED),
    ...part('never actioned', neverActioned, ANSWERED),
    ...part('flapping', flapping, FLAPPING),
    ...part('kept quiet', heldBack, HELD),
    ...part("interruptions, by the person's hours", interruptions, INTERRUPTIONS),
  ].join('\n');
}

type Figure = readonly [section: string, name: string, figure: string, value: number];

export function csvOf(report: Report): string {
  const answered = (section: string, name: string, { name: _, ...one }: Partial<Answered>): Figure[] =>
    Object.entries(one).flatMap(([figure, value]): Figure[] => {
      if (typeof value === 'number') return [[section, name, figure, value]];
      if (value === null || typeof value === 'string') return [];
      return [
        [section, name, `${figure}.median`, value.median],
        [section, name, `${figure}.p90`, value.p90],
      ];
    });
  const numbers = (section: string, name: string, one: object): Figure[] =>
    Object.entries(one).flatMap(([figure, value]): Figure[] =>
      typeof value === 'number' ? [[section, name, figure, value]] : [],
    );
  const figures: Figure[] = [
    ...answered('all', '', report.sum),
    ...(['bySeverity', 'byPolicy', 'byProcess', 'bySource', 'neverActioned'] as const).flatMap((section) =>
      report[section].flatMap((one) => answered(section, one.name, one)),
    ),
    ...report.flapping.flatMap((one) => numbers('flapping', one.fingerprint, one)),
    ...report.heldBack.flatMap((one) => numbers('heldBack', `${one.reason} ${one.by}`, one)),
    ...report.interruptions.flatMap((one) => numbers('interruptions', one.person, one)),
    ['pagesToNobodyInParticular', '', 'pages', report.pagesToNobodyInParticular],
  ];
  const lines = figures.map((figure) => figure.map((cell) => csvCell(String(cell))).join(','));
  return `section,name,figure,value\r\n${lines.map((line) => `${line}\r\n`).join('')}`;
}

/** As RFC 4180 has it; what a spreadsheet would take for a formula is text. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
