import type { Command } from 'commander';
import { holdText, nextText, nobodyText, type Target, targetText } from '../alert-text';
import { contextOf, segment } from '../context';
import { type Column, facts, table } from '../output';
import type { AlertLive } from '../views';

interface Standing {
  readonly target: Target;
  readonly person: string | null;
  readonly destinations: readonly { readonly kind: string; readonly name: string }[];
  readonly nobody: { readonly code: string; readonly reason: string } | null;
  readonly until: string | null;
}
interface WouldPage {
  readonly alert: string;
  readonly raisedFor: { readonly kind: string; readonly id: string };
  readonly toldBy: string;
  readonly state: string;
  readonly severity: string;
  readonly policy: { readonly id: string; readonly version: number };
  readonly held: { readonly reason: string; readonly by: string; readonly until: string | null } | null;
  readonly live?: AlertLive;
  readonly levels: readonly {
    readonly level: number;
    readonly afterSeconds: number;
    readonly targets: readonly Standing[];
  }[];
}
type Line = Standing & { readonly level: number; readonly afterSeconds: number };

const COLUMNS: readonly Column<Line>[] = [
  { title: 'level', value: ({ level }) => level, align: 'right' },
  { title: 'after', value: ({ afterSeconds }) => `${afterSeconds} s`, align: 'right' },
  { title: 'target', value: ({ target }) => targetText(target) },
  { title: 'who', value: whoText },
  { title: 'by', value: ({ destinations }) => destinations.map(({ name }) => name).join(', then ') },
  { title: 'until', value: ({ until }) => until },
];

function whoText({ person, nobody }: Line): string {
  if (nobody) return `(nobody: ${nobodyText(nobody.code, nobody.reason)})`;
  return person ?? '(whoever reads it)';
}

export function addAlertWho(group: Command): void {
  group
    .command('who')
    .argument('<id>', 'id of the alert')
    .description('whom the alert would page now, by which policy, and what keeps it quiet')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<WouldPage>(`/v1/alerts/${segment(id)}/would-page`);
      output.document(found, () => whoIsPaged(found));
    });
}

function whoIsPaged({ alert, toldBy, raisedFor, policy, held, live, levels, state, severity }: WouldPage): string {
  const quiet = held && `${holdText(held.reason, held.by)}${held.until === null ? '' : ` until ${held.until}`}`;
  const about = facts([
    ['alert', alert],
    ['told by', toldBy === alert ? undefined : toldBy],
    ['raised by', `${raisedFor.kind} ${raisedFor.id}`],
    ['severity', severity],
    ['state', state],
    [
      'policy',
      policy.version === 0 ? `${policy.id} (there is no such policy)` : `${policy.id}, version ${policy.version}`,
    ],
    ['kept quiet', quiet],
    ['now', live && nextText(live)],
  ]);
  const lines = levels.flatMap(({ level, afterSeconds, targets }) =>
    targets.map((one) => ({ ...one, level, afterSeconds })),
  );
  return `${about}\n\n${lines.length === 0 ? 'nobody is paged' : table(lines, COLUMNS)}`;
}
