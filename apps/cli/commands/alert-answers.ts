import { Argument, type Command } from 'commander';
import { targetOf } from '../alert-text';
import { contextOf, segment } from '../context';
import type { Alert } from '../views';

const PATH = '/v1/alerts';
const SEVERITIES = ['critical', 'error', 'warning', 'info'];
const TARGETS = 'person:ID, schedule:ID, channel:ID or pagerduty:KEY';

/** What else a responder does with an alert than to acknowledge or resolve it. */
export function addAlertAnswers(group: Command): void {
  group
    .command('snooze')
    .argument('<id>', 'id of the alert')
    .requiredOption('--until <time>', 'RFC 3339')
    .description('page nobody until then; it pages again from level 1 on')
    .action(async (id: string, { until }: { until: string }, command: Command) => {
      await answer(command, id, 'snooze', { until }, `is snoozed until ${until}`);
    });
  group
    .command('take-back')
    .argument('<id>', 'id of the alert')
    .description('undo an acknowledgement or a snooze: it pages again from level 1 on')
    .action(async (id: string, _options: object, command: Command) => {
      await answer(command, id, 'take-back', undefined, 'pages again');
    });
  group
    .command('reassign')
    .argument('<id>', 'id of the alert')
    .argument('<targets...>', TARGETS)
    .description('page these now; when they do not acknowledge, the ladder begins at level 1')
    .action(async (id: string, targets: string[], _options: object, command: Command) => {
      await answer(command, id, 'reassign', { targets: targets.map(targetOf) }, `is given to ${targets.join(', ')}`);
    });
  group
    .command('add-responders')
    .argument('<id>', 'id of the alert')
    .argument('<targets...>', TARGETS)
    .description('page these too; the ladder goes on')
    .action(async (id: string, targets: string[], _options: object, command: Command) => {
      const body = { targets: targets.map(targetOf) };
      await answer(command, id, 'responders', body, `pages ${targets.join(', ')} too`);
    });
  group
    .command('severity')
    .argument('<id>', 'id of the alert')
    .addArgument(new Argument('<severity>', 'what it is from here on').choices(SEVERITIES))
    .description('change the severity')
    .action(async (id: string, severity: string, _options: object, command: Command) => {
      await answer(command, id, 'severity', { severity }, `is of severity ${severity}`);
    });
  group
    .command('follow-policy')
    .argument('<id>', 'id of the alert')
    .argument('<policy>', 'id of an escalation policy, the same or another')
    .description('escalate by the newest version of the policy from here on')
    .action(async (id: string, policy: string, _options: object, command: Command) => {
      await answer(command, id, 'policy', { policy }, `follows the newest version of ${policy}`);
    });
}

async function answer(command: Command, id: string, action: string, body: object | undefined, done: string) {
  const { client, output } = contextOf(command);
  const alert = await client.post<Alert>(`${PATH}/${segment(id)}/${action}`, body);
  output.document(alert, () => `${id} ${done}`);
}
