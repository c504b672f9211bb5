import { Option, type Command } from 'commander';
import { nextText, transitionText } from '../alert-text';
import { contextOf, segment, wholeNumber } from '../context';
import { facts, type Column } from '../output';
import type { Alert, AlertRow } from '../views';
import { addAlertAnswers } from './alert-answers';
import { addAlertReport } from './alert-report';
import { addAlertWatch } from './alert-watch';
import { addAlertWho } from './alert-who';

const PATH = '/v1/alerts';
const STATES = ['open', 'acknowledged', 'snoozed', 'resolved'];
const SEVERITIES = ['critical', 'error', 'warning', 'info'];

interface ListOptions extends Readonly<Partial<Record<'state' | 'severity' | 'group' | 'process', string>>> {
  readonly limit: number;
}

const COLUMNS: readonly Column<AlertRow>[] = [
  { title: 'id', value: ({ id }) => id },
  {
    title: 'state',
    value: ({ state, exhausted }) => (exhausted && state === 'open' ? 'open, nobody answered' : state),
  },
  { title: 'severity', value: ({ severity }) => severity },
  { title: 'open', value: ({ facts }) => facts.open, align: 'right' },
  { title: 'pages', value: ({ pages }) => pages, align: 'right' },
  { title: 'raised at', value: ({ raisedAt }) => raisedAt },
  { title: 'acknowledged by', value: ({ acknowledgedBy }) => acknowledgedBy },
  { title: 'resolved', value: ({ resolvedReason }) => resolvedReason },
];

export function addAlerts(program: Command): void {
  const group = program.command('alerts').description('who was paged about what, and who takes care');
  group
    .command('list')
    .description('alerts, newest first')
    .addOption(new Option('--state <state>', 'only in this state').choices(STATES))
    .addOption(new Option('--severity <severity>', 'only of this severity').choices(SEVERITIES))
    .option('--group <key>', 'only those that this group tells of')
    .option('--process <id>', 'only of this process')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .action(async ({ limit, ...query }: ListOptions, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<AlertRow>(PATH, query, limit), COLUMNS, 'there are no alerts');
    });
  group
    .command('show')
    .argument('<id>', 'id of the alert')
    .description('an alert and everything that happened to it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const alert = await client.get<Alert>(`${PATH}/${segment(id)}`);
      output.document(alert, () => alertText(alert));
    });
  addAnswer(group, 'ack', 'acknowledge', 'take care of an alert: nobody else is paged', 'acknowledged');
  addAnswer(group, 'resolve', 'resolve', 'end an alert by hand and close its incidents in PagerDuty', 'resolved');
  addAlertAnswers(group);
  addAlertWho(group);
  addAlertWatch(group);
  addAlertReport(group);
}

function addAnswer(group: Command, name: string, action: string, description: string, done: string): void {
  group
    .command(name)
    .argument('<id>', 'id of the alert')
    .description(description)
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const alert = await client.post<Alert>(`${PATH}/${segment(id)}/${action}`);
      output.document(alert, () => `${id} is ${done}`);
    });
}

function alertText(alert: Alert): string {
  const { live } = alert;
  const about = facts([
    ['alert', alert.id],
    ['about', `${alert.subject.kind} ${alert.subject.id}`],
    ['process', alert.process],
    ['severity', alert.severity],
    ['state', alert.snoozedUntil === undefined ? alert.state : `${alert.state} until ${alert.snoozedUntil}`],
    ['group', alert.group],
    ['open', `${alert.facts.open}, revision ${alert.facts.revision}`],
    ['policy', `${alert.policy.id}, version ${alert.policy.version}`],
    ['pages', alert.pages],
    ['now', live && `${nextText(live)}, ${live.pagesUnderWay} pages under way`],
  ]);
  const story = alert.transitions.map((one) => `  ${one.at}  ${transitionText(one)}`);
  return [about, '', 'story', ...story].join('\n');
}
