import { holds, type HoldState } from '@holdfast/domains/holds/core/hold';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { change, care } = activitiesOf(contract.legalHold);

export const legalHold: WorkflowOf<typeof contract.legalHold> = async ({ hold }) => {
  let turn = Promise.resolve();
  let news = true;
  const hasNews = (): boolean => news;

  wf.setHandler<contract.ChangedHold, [contract.HoldChange], typeof contract.changeHold>(
    contract.changeHold,
    async (asked) => {
      const mine = turn.then(() => change(hold, asked));
      turn = mine.then(
        () => undefined,
        () => undefined,
      );
      const changed = await mine;
      news = true;
      return changed;
    },
  );
  wf.setHandler(contract.acknowledged, () => void (news = true));

  for (;;) {
    news = false;
    const { state, next } = await care(hold, Date.now() * 1000);
    if (isOver(state) && !hasNews()) {
      await wf.condition(wf.allHandlersFinished);
      return state;
    }
    if (wf.workflowInfo().continueAsNewSuggested) {
      await wf.condition(wf.allHandlersFinished);
      await wf.continueAsNew<typeof legalHold>({ hold });
    }
    if (next === null) await wf.condition(hasNews);
    else await wf.condition(hasNews, Math.max(1, Math.ceil(next / 1000 - Date.now())));
  }
};

const isOver = (state: HoldState): boolean => !holds(state) && state !== 'proposed';
