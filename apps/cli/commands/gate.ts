import type { Command } from 'commander';
import { answerIs, contextOf, segment } from '../context';
import { count, facts } from '../output';

interface Against {
  readonly process: string;
  readonly windows: number;
  readonly undecided: { readonly windows: number; readonly first: readonly string[] };
  readonly cancelled: { readonly windows: number; readonly first: readonly string[] };
  readonly open: { readonly windows: number; readonly discrepancies: number; readonly first: readonly string[] };
  readonly ignored: { readonly windows: number; readonly discrepancies: number; readonly first: readonly string[] };
  readonly unjudged: {
    readonly seconds: number;
    readonly spans: number;
    readonly first: readonly { readonly from: string; readonly to: string }[];
  };
}
interface Period {
  readonly period: string;
  readonly open: boolean;
  readonly gates: readonly {
    readonly gate: string;
    readonly version: number;
    readonly open: boolean;
    readonly from: string;
    readonly to: string;
    readonly against: readonly Against[];
  }[];
}
interface Statement {
  readonly id: string;
  readonly gate: string;
  readonly state: string;
  readonly issuedBy: string;
  readonly issuedAt: string;
  readonly signature: string;
}

const PATH = '/v1/reporting-gates';

export function addGate(program: Command): void {
  program
    .command('gate')
    .argument('<period>', 'a day (2026-11-20), a month (2026-11) or a quarter (2026-Q4)')
    .option('--gate <id>', 'only this gate')
    .option('--state', 'have a signed statement made, of one --gate')
    .option('--statements', 'list the statements that were made')
    .description('say whether a period may be reported, and what stands against it; ends with 1 when it may not')
    .action(
      async (
        period: string,
        { gate, state, statements }: { gate?: string; state?: true; statements?: true },
        command: Command,
      ) => {
        const { client, output } = contextOf(command);
        const path = `${PATH}/${segment(period)}`;
        if (statements) {
          const { items } = await client.get<{ readonly items: readonly Statement[] }>(`${path}/statements`, { gate });
          output.document(items, () => items.map(statementText).join('\n\n') || 'nothing was stated');
          return;
        }
        const found = await client.get<Period>(path, { gate });
        if (!state || !found.open) {
          output.document(found, () => periodText(found));
          answerIs(found.open);
          return;
        }
        const [only] = found.gates;
        const made = await client.post<Statement>(`${path}/statements`, { gate: gate ?? only!.gate });
        output.document(made, () => statementText(made));
      },
    );
}

function periodText({ period, gates }: Period): string {
  return gates
    .map(({ gate, version, open, from, to, against }) => {
      const head = `${period} ${open ? 'may be reported' : 'may not be reported'} by ${gate} (version ${version}): ${from} to ${to}`;
      return [head, ...against.map(againstText)].join('\n');
    })
    .join('\n\n');
}

function againstText({ process, windows, undecided, cancelled, open, ignored, unjudged }: Against): string {
  const named = (n: number, what: string, first: readonly string[]): string | null =>
    n === 0 ? null : `${count(n)} ${what}: ${first.slice(0, 5).join(', ')}${first.length > 5 ? ', ...' : ''}`;
  const spans = unjudged.first.map(({ from, to }) => `${from} to ${to}`);
  return facts([
    ['process', `${process}, ${count(windows)} windows`],
    ['undecided', named(undecided.windows, 'windows', undecided.first)],
    ['cancelled', named(cancelled.windows, 'windows', cancelled.first)],
    ['open', named(open.discrepancies, `discrepancies in ${count(open.windows)} windows`, open.first)],
    ['ignored', named(ignored.discrepancies, `discrepancies in ${count(ignored.windows)} windows`, ignored.first)],
    ['unjudged', named(unjudged.seconds, 'seconds', spans)],
  ]);
}

const statementText = ({ id, gate, state, issuedBy, issuedAt, signature }: Statement): string =>
  facts([
    ['statement', id],
    ['gate', gate],
    ['state', state],
    ['issued', `${issuedAt} by ${issuedBy}`],
    ['signature', signature],
  ]);
