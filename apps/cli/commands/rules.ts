import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import { answerIs, contextOf, segment, wholeNumber } from '../context';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { UsageError } from '../exit';
import { type Column, facts, table } from '../output';

interface Rule {
  readonly id: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly metric: { readonly kind: string };
  readonly windowSeconds: number;
  readonly when: {
    readonly kind: string;
    readonly bands: readonly { readonly severity: string; readonly at: number }[];
  };
  readonly owner?: string;
}
interface Measured {
  readonly series: Readonly<Record<string, string>>;
  readonly state: string;
  readonly value: number | null;
  readonly expected: { readonly median: number } | null;
  readonly fault: string | null;
}
interface SeriesState extends Measured {
  readonly since: string;
  readonly alert: { readonly id: string; readonly severity: string; readonly cause: string } | null;
}
interface Firing {
  readonly series: Readonly<Record<string, string>>;
  readonly cause: string;
  readonly severity: string;
  readonly from: string;
  readonly to: string | null;
  readonly seconds: number;
}
interface Incident {
  readonly name: string | null;
  readonly from: string;
  readonly to: string;
  readonly firedAt: string | null;
  readonly delaySeconds: number | null;
}
interface Backtest {
  readonly stepSeconds: number;
  readonly instants: number;
  readonly series: number;
  readonly firings: readonly Firing[];
  readonly firingSeconds: number;
  readonly incidents: readonly Incident[];
  readonly precision: number | null;
  readonly recall: number | null;
}

const PATH = '/v1/alert-rules';
const KIND = 'alert-rule';

const seriesText = (series: Readonly<Record<string, string>>): string =>
  Object.entries(series)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || '(all)';
const number = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(6))));
const share = (value: number | null): string =>
  value === null ? 'nothing to tell by' : `${(value * 100).toFixed(1)}%`;
const MEASURED: readonly Column<Measured>[] = [
  { title: 'series', value: ({ series }) => seriesText(series) },
  { title: 'state', value: ({ state }) => state },
  { title: 'value', value: ({ value }) => number(value), align: 'right' },
  { title: 'expected', value: ({ expected }) => number(expected?.median ?? null), align: 'right' },
  { title: 'fault', value: ({ fault }) => fault },
];
const STATES: readonly Column<SeriesState>[] = [
  ...MEASURED,
  { title: 'since', value: ({ since }) => since },
  { title: 'alert', value: ({ alert }) => alert && `${alert.severity} (${alert.cause}) ${alert.id}` },
];

export function addRules(program: Command): void {
  const group = program.command('rules').description('alert rules: what fires, what would, and what would have');
  applyFile(group, KIND);
  listDocuments<Rule>(group, PATH, 'alert rules', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'metric', value: ({ metric, enabled }) => (enabled ? metric.kind : `${metric.kind} (off)`) },
    { title: 'window', value: ({ windowSeconds }) => `${windowSeconds} s`, align: 'right' },
    { title: 'bands', value: ({ when }) => when.bands.map(({ severity, at }) => `${severity} ${at}`).join(', ') },
    { title: 'owner', value: ({ owner }) => owner },
  ]);
  showDocument(group, PATH, KIND);
  addState(group);
  addCheck(group);
  addBacktest(group);
}

function addState(group: Command): void {
  group
    .command('state')
    .argument('<id>', 'id of the rule')
    .description('what its series were at in the last round; ends with 1 when one fires')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const path = `${PATH}/${segment(id)}/state`;
      const found = await client.get<{ evaluatedAt: string | null; lateSeconds: number | null; items: SeriesState[] }>(
        path,
      );
      const late = found.lateSeconds ? `; rounds are ${found.lateSeconds} s late` : '';
      output.document(found, () =>
        found.evaluatedAt === null
          ? 'it has not been evaluated'
          : `as of ${found.evaluatedAt}${late}\n${table(found.items, STATES)}`,
      );
      answerIs(found.items.every(({ alert }) => alert === null));
    });
}

function addCheck(group: Command): void {
  group
    .command('check')
    .argument('<file>', 'YAML or JSON of one rule; - reads standard input')
    .description('say whether a rule makes sense, and what it makes of this moment; nothing is stored')
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.post<{ at: string; items: Measured[] }>(`${PATH}/check`, { rule: ruleIn(file) });
      output.document(found, () =>
        found.items.length === 0
          ? `as of ${found.at}: no series`
          : `as of ${found.at}\n${table(found.items, MEASURED)}`,
      );
    });
}

function addBacktest(group: Command): void {
  group
    .command('backtest')
    .argument('<file>', 'YAML or JSON of one rule; - reads standard input')
    .description('what a rule would have fired, when and for how long, against incidents that are known')
    .addOption(new Option('--from <time>', 'RFC 3339').makeOptionMandatory())
    .addOption(new Option('--to <time>', 'RFC 3339').makeOptionMandatory())
    .option('--step <seconds>', 'between two instants, a multiple of 15', wholeNumber(15, 86_400))
    .option('--incidents <file>', 'YAML or JSON: a list of { name, from, to }')
    .action(
      async (
        file: string,
        { step, incidents, ...span }: { from: string; to: string; step?: number; incidents?: string },
        command: Command,
      ) => {
        const { client, output } = contextOf(command, 'transfer');
        const found = await client.post<Backtest>(`${PATH}/backtest`, {
          ...{ rule: ruleIn(file), ...span },
          ...(step !== undefined && { stepSeconds: step }),
          ...(incidents !== undefined && { incidents: incidentsIn(incidents) }),
        });
        output.document(found, () => backtestText(found));
      },
    );
}

/** The one rule of a file, without its id. */
function ruleIn(file: string): Readonly<Record<string, unknown>> {
  const [document, ...others] = readDocuments(file, KIND);
  if (document?.kind !== KIND || others.length > 0) throw new UsageError(`${file} must hold one ${KIND}`);
  return document.body;
}

/** Times of YAML are handed on as they are written. */
function incidentsIn(file: string): unknown[] {
  let found: unknown;
  try {
    found = parse(readFileSync(file, 'utf8'), { schema: 'core' });
  } catch {
    throw new UsageError(`${file} cannot be read, or is no YAML`);
  }
  if (!Array.isArray(found)) throw new UsageError(`${file} must hold a list of incidents`);
  return found as unknown[];
}

function backtestText(found: Backtest): string {
  const firings = table(found.firings, [
    { title: 'series', value: ({ series }) => seriesText(series) },
    { title: 'from', value: ({ from }) => from },
    { title: 'to', value: ({ to }) => to ?? '(fires)' },
    { title: 'seconds', value: ({ seconds }) => seconds, align: 'right' },
    { title: 'severity', value: ({ severity }) => severity },
    { title: 'cause', value: ({ cause }) => cause },
  ]);
  const incidents = table(found.incidents, [
    { title: 'incident', value: ({ name }) => name },
    { title: 'from', value: ({ from }) => from },
    { title: 'to', value: ({ to }) => to },
    { title: 'fired', value: ({ firedAt }) => firedAt ?? '(never)' },
    { title: 'delay', value: ({ delaySeconds }) => (delaySeconds === null ? '' : `${delaySeconds} s`), align: 'right' },
  ]);
  const sums = facts([
    ['instants', `${found.instants}, every ${found.stepSeconds} s`],
    ['series', found.series],
    ['firings', found.firings.length],
    ['firing', `${found.firingSeconds} s`],
    ['precision', share(found.precision)],
    ['recall', share(found.recall)],
  ]);
  const parts = [
    found.firings.length === 0 ? 'nothing would have fired' : firings,
    ...(found.incidents.length === 0 ? [] : [incidents]),
    sums,
  ];
  return parts.join('\n\n');
}
