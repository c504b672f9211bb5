import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client';
import { nextText } from '../alert-text';
import { contextOf, segment, wholeNumber } from '../context';
import { type Column, table } from '../output';
import type { Alert, AlertRow } from '../views';

const PATH = '/v1/alerts';
const NOT_OVER = ['open', 'acknowledged', 'snoozed'];
/** Alerts that are looked into: more do not fit a screen. */
const MOST = 50;
/** Each asks for where its escalation stands. */
const AT_ONCE = 8;
const CLEAR = '\u001B[H\u001B[2J';

/** An alert as the watch shows it. */
export interface Watched {
  readonly id: string;
  readonly state: string;
  readonly severity: string;
  readonly since: string;
  readonly next: string;
  readonly who: string;
}

const COLUMNS: readonly Column<Watched>[] = [
  { title: 'alert', value: ({ id }) => id },
  { title: 'severity', value: ({ severity }) => severity },
  { title: 'state', value: ({ state }) => state },
  { title: 'since', value: ({ since }) => since },
  { title: 'now', value: ({ next }) => next },
  { title: 'who', value: ({ who }) => who },
];

export function addAlertWatch(group: Command): void {
  group
    .command('watch')
    .description(
      'alerts that are not over, as they change, until Ctrl-C: a table in a terminal, else a line for each change',
    )
    .option('--process <id>', 'only of this process')
    .option('--every <seconds>', 'how often to look', wholeNumber(1, 3_600), 2)
    .action(async ({ process: only, every }: { process?: string; every: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const ended = new AbortController();
      const onSignal = (): void => ended.abort();
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      const isTable = process.stdout.isTTY && !output.isJson;
      let before: readonly Watched[] = [];
      try {
        while (!ended.signal.aborted) {
          const now = await look(client, only);
          if (isTable) await output.text(`${CLEAR}${frameOf(now)}\n`);
          else for (const one of changes(before, now)) output.line(one, () => lineOf(one));
          before = now;
          await pause(every * 1000, undefined, { signal: ended.signal }).catch(() => undefined);
        }
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      }
    });
}

/** Alerts that are not over, newest first. */
async function look(client: ApiClient, only: string | undefined): Promise<Watched[]> {
  const found: AlertRow[] = [];
  for (const state of NOT_OVER)
    for await (const one of client.items<AlertRow>(PATH, { state, process: only }, MOST)) found.push(one);
  const newest = found.sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1)).slice(0, MOST);
  const watched: Watched[] = [];
  for (let i = 0; i < newest.length; i += AT_ONCE) {
    const some = newest.slice(i, i + AT_ONCE).map(({ id }) => client.get<Alert>(`${PATH}/${segment(id)}`));
    watched.push(...(await Promise.all(some)).filter(({ state }) => state !== 'resolved').map(watchedOf));
  }
  return watched;
}

export function watchedOf({ id, state, severity, raisedAt, live, group, transitions, acknowledgedBy }: Alert): Watched {
  const taken = transitions.findLast(({ kind }) => kind === 'acknowledged' || kind === 'snoozed')?.by;
  const pages = transitions.filter(({ kind }) => kind === 'paged');
  const last = pages.at(-1);
  const paged = pages
    .filter(({ level, repeat }) => level === last?.level && repeat === last?.repeat)
    .map(({ person, channel, routingKey }) => person ?? channel ?? routingKey ?? '');
  const next = live ? nextText(live) : group === undefined ? '' : `told by ${group}`;
  const who = state === 'open' ? paged.join(', ') : (taken ?? acknowledgedBy ?? '');
  return { id, state, severity, since: raisedAt, next, who };
}

/** What a terminal shows. */
export const frameOf = (now: readonly Watched[]): string =>
  now.length === 0 ? 'there are no open alerts' : table(now, COLUMNS);

/** What differs from what was shown last; what has gone is over. */
export function changes(before: readonly Watched[], now: readonly Watched[]): Watched[] {
  const known = new Map(before.map((one) => [one.id, lineOf(one)]));
  const open = new Set(now.map(({ id }) => id));
  const gone = before.filter(({ id }) => !open.has(id)).map((one) => ({ ...one, state: 'over', next: '', who: '' }));
  return [...gone, ...now.filter((one) => known.get(one.id) !== lineOf(one))];
}

const lineOf = ({ id, severity, state, since, next, who }: Watched): string =>
  [id, severity, state, `since ${since}`, next, who].filter((part) => part !== '').join('  ');
