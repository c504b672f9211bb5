import type { Plan, PlannedMigration, PlannedStatement } from '@holdfast/platform/clickhouse/migrations/plan';
import { count, table, type Column } from './output';

const STATEMENTS: readonly Column<PlannedStatement>[] = [
  { title: '#', value: ({ number }) => number, align: 'right' },
  { title: 'statement', value: ({ kind }) => kind },
  { title: 'table', value: (statement) => statement.table },
  { title: 'rows', value: ({ rows }) => (rows > 0 ? count(rows) : ''), align: 'right' },
  { title: 'on disk', value: ({ bytes }) => (bytes > 0 ? size(bytes) : ''), align: 'right' },
  { title: 'on the copy', value: ({ seconds }) => (seconds === undefined ? '' : duration(seconds)), align: 'right' },
  { title: '', value: noteOf },
];

/** What is pending, statement by statement, and what speaks against it. */
export function describePlan({ pending, refusals, breaks, running }: Plan): string {
  if (pending.length === 0) return 'The schema is up to date.';
  const releases = running.map(
    ({ id, places, seen }) => `  release ${id} runs: ${places.join(', ')}; last seen ${new Date(seen).toISOString()}`,
  );
  const broken = breaks.map(({ migration, release, places, query, reason }) =>
    [
      `  ${migration} breaks ${query} of ${places.length > 0 ? `release ${release}, which runs (${places.join(', ')})` : 'this release'}:`,
      `    ${reason}`,
    ].join('\n'),
  );
  const advice = breaks.some(({ places }) => places.length > 0)
    ? [
        '  Stop the processes that run it, or start them with a release that does not need it. A process that was killed counts for half an hour.',
      ]
    : [];
  return [
    `${pending.length === 1 ? '1 migration is' : `${pending.length} migrations are`} pending.`,
    ...(releases.length > 0 ? ['', ...releases] : []),
    ...pending.map((migration) => `\n${titleOf(migration)}\n${table(migration.statements, STATEMENTS, '  ')}`),
    ...(refusals.length > 0 ? ['\nRefused:', ...refusals.map((reason) => `  ${reason}`)] : []),
    ...(broken.length > 0 ? ['\nBreaks queries:', ...broken, ...advice] : []),
    '',
  ].join('\n');
}

const titleOf = ({ name, phase, needsWindow }: PlannedMigration): string =>
  `${name}  ${phase}${needsWindow ? ', in the maintenance window' : ''}`;

function noteOf({ state, heavy }: PlannedStatement): string {
  const standing = { pending: '', begun: 'begun, outcome unknown', done: 'done' }[state];
  return [standing, heavy ? 'heavy' : ''].filter((part) => part !== '').join(', ');
}

const size = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]!}`;
};

const duration = (seconds: number): string =>
  seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
