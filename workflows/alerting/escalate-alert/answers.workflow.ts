import type { Acknowledgement, AlertState, AlertToEscalate, Resolution } from '@holdfast/domains/alerting/core/alert';
import { isAnswered } from '@holdfast/domains/alerting/core/escalation';
import type { PageTarget } from '@holdfast/domains/alerting/core/escalation-policy';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';
import type { Journal } from './journal.workflow';
import type { Machine } from './machine.workflow';

const { newestPolicy } = activitiesOf(contract.escalateAlert);

/** What answers change beside the machine. */
export interface Answered {
  /** Who acknowledged or resolved it last. */
  by: string;
  alert: AlertToEscalate;
}

export interface Answers {
  resolve(resolution: Resolution): Promise<void>;
}

/** Listens to what people, and the raiser of the alert, say of it. */
export function listen(
  machine: Machine,
  at: Answered,
  { note, written }: Journal,
  pageMore: (targets: readonly PageTarget[]) => Promise<void>,
): Answers {
  wf.setHandler(contract.acknowledge, (by) => void acknowledge(by));
  wf.setHandler<AlertState, [Acknowledgement], typeof contract.acknowledgeNow>(
    contract.acknowledgeNow,
    (by) => acknowledge(by).then(() => machine.state),
    { validator: () => mustBeUnanswered(machine) },
  );
  wf.setHandler(contract.resolve, (by) => void resolve(by));
  wf.setHandler<AlertState, [Resolution], typeof contract.resolveNow>(
    contract.resolveNow,
    (by) => resolve(by).then(() => machine.state),
    { validator: () => mustBeUnresolved(machine) },
  );
  wf.setHandler<AlertState, [contract.Response], typeof contract.respond>(
    contract.respond,
    async (response) => {
      await wf.condition(() => machine.escalation !== undefined);
      mustBeUnresolved(machine);
      await respond(response);
      await written();
      return machine.state;
    },
    { validator: (response) => mustBeAnswerable(machine, response) },
  );

  async function acknowledge({ by, via, event, deliveryId = '', at: when }: Acknowledgement): Promise<void> {
    if (machine.isTaken || isOld(machine, via, when)) return;
    at.by = by;
    machine.happens({ is: 'acknowledged' });
    const code = event === 'resolved' ? 'incident_resolved' : '';
    const noted = note({ kind: 'acknowledged', by, via, code, deliveryId }, when);
    // A test has nothing that could heal: to have been seen is all it is for.
    if (at.alert.subject.kind === 'test') void resolve({ by, reason: 'manual', at: when });
    return noted;
  }

  async function resolve({ by, reason, at: when }: Resolution): Promise<void> {
    if (machine.isResolved) return;
    at.by = by;
    machine.happens({ is: 'resolved' });
    return note({ kind: 'resolved', by, reason }, when);
  }

  async function respond(response: contract.Response): Promise<void> {
    const { by } = response;
    switch (response.do) {
      case 'snooze':
        machine.happens({ is: 'snoozed', by, until: response.until });
        break;
      case 'take_back':
        machine.happens({ is: 'taken_back', by });
        break;
      case 'reassign':
        machine.happens({ is: 'reassigned', by, targets: response.targets });
        break;
      case 'add_responders':
        void note({ kind: 'responders_added', by });
        await wf.CancellationScope.nonCancellable(() => pageMore(response.targets));
        break;
      case 'change_severity':
        at.alert = { ...at.alert, severity: response.severity };
        void note({ kind: 'severity_changed', by, reason: response.severity });
        machine.happens({ is: 'look_again' });
        break;
      case 'follow_policy': {
        const { version, policy } = await wf.CancellationScope.nonCancellable(() => newestPolicy(response.policy));
        const isOther = response.policy !== at.alert.policy;
        at.alert = { ...at.alert, policy: response.policy };
        void note({ kind: 'policy_changed', by, reason: response.policy, revision: version });
        machine.happens({ is: 'policy', by, policy, isOther });
      }
    }
  }

  return { resolve };
}

/** What somebody did in another system before it paged again: webhooks come late, and out of order. */
const isOld = ({ escalation }: Machine, via: Acknowledgement['via'], when: number): boolean =>
  via === 'pagerduty' && escalation !== undefined && when < escalation.reopenedAt;

function mustBeUnresolved(machine: Machine): void {
  if (machine.isResolved) throw tooLate('alert_resolved', 'the alert is resolved already');
}

function mustBeUnanswered(machine: Machine): void {
  mustBeUnresolved(machine);
  if (machine.isTaken) throw tooLate('alert_acknowledged', 'somebody has acknowledged the alert already');
}

function mustBeAnswerable(machine: Machine, response: contract.Response): void {
  mustBeUnresolved(machine);
  const { escalation } = machine;
  if (response.do === 'take_back' && escalation && !isAnswered(escalation))
    throw tooLate('alert_not_answered', 'nobody has acknowledged or snoozed the alert');
  if (response.do === 'snooze' && response.until <= Date.now() * 1000)
    throw tooLate('snooze_is_over', 'the time until which the alert should be snoozed is past');
}

const tooLate = (type: string, message: string): wf.ApplicationFailure =>
  wf.ApplicationFailure.create({ type, message, nonRetryable: true, details: ['conflict'] });
