import type { AlertToEscalate, Resolution } from '@holdfast/domains/alerting/core/alert';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import type { Answered } from './answers.workflow';
import * as contract from './contract';
import type { Machine } from './machine.workflow';

const { members } = activitiesOf(contract.escalateAlert);

/** Signals of a storm come faster than a group has to be counted. Milliseconds. */
const COUNTED_AT_MOST_EVERY = 1_000;

/** Counts the alerts of a group when some have joined or left: it is over when all of them are, and what joins it is news. */
export function followGroup(
  machine: Machine,
  at: Answered,
  newestBefore: Micros,
  resolve: (resolution: Resolution) => Promise<void>,
) {
  let isCounted = false;
  let newestAt = newestBefore;
  wf.setHandler(contract.membersChanged, () => {
    isCounted = false;
  });

  return {
    /** When the newest alert was raised, as it was counted last. */
    newestAt: () => newestAt,

    async follow(): Promise<void> {
      while (!machine.isResolved) {
        isCounted = true;
        const found = await members(at.alert.fingerprint);
        if (found.open === 0) return resolve({ by: '', reason: 'healed', at: Date.now() * 1000 });
        if (newestAt > 0 && found.newestAt > newestAt) machine.happens({ is: 'news' });
        newestAt = found.newestAt;
        at.alert = { ...at.alert, facts: { ...at.alert.facts, open: found.open } };
        machine.changes += 1; // the main loop looks how long the history has become
        await wf.sleep(COUNTED_AT_MOST_EVERY);
        await wf.condition(() => !isCounted || machine.isResolved);
      }
    },

    /** What joined while the group was being closed is a group of its own. */
    async beginAgain(first: AlertToEscalate): Promise<void> {
      if (isCounted || (await members(first.fingerprint)).open === 0) return;
      const alertId = `${first.fingerprint}.${(Date.now() * 1000).toString(36)}`;
      await wf.continueAsNew<(next: contract.AlertUnderWay) => Promise<unknown>>({ ...first, alertId });
    },
  };
}
