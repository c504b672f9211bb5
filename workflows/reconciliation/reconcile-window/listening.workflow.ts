import type { WindowState } from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

/** What of a window's standing people may ask for while it runs. */
interface Shown {
  planned: boolean;
  state: WindowState;
  revision: number;
  deadline: Micros;
}

export type Asked = ReturnType<typeof listen>;

/** What others ask of the window while it runs; the newest of each is kept until it is taken. */
export function listen(at: Readonly<Shown>, onCancel: () => void) {
  let cancelledBy: string | undefined;
  let judgeBy: string | undefined;
  let late = false;
  wf.setHandler(contract.lateEvents, () => void (late = true));
  wf.setHandler(contract.judgeAgain, (by) => void (judgeBy = by));
  wf.setHandler(contract.cancel, (by) => {
    cancelledBy = by;
    onCancel();
  });
  wf.setHandler(contract.progress, () => ({
    state: at.state,
    revision: at.revision,
    deadline: at.planned ? at.deadline : null,
  }));
  return {
    toCancel: () => cancelledBy !== undefined,
    toJudge: () => judgeBy !== undefined,
    late: () => late,
    toAct: () => late || judgeBy !== undefined || cancelledBy !== undefined,
    takeLate: () => void (late = false),
    takeCancel() {
      const by = cancelledBy;
      cancelledBy = undefined;
      return by;
    },
    takeJudge() {
      const by = judgeBy;
      judgeBy = undefined;
      return by;
    },
  };
}
