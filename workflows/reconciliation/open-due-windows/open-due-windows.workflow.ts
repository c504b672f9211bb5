import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import { openAsChild } from '../open-window/as-child';
import * as contract from './contract';

const { due } = activitiesOf(contract.openDueWindows);

export const openDueWindows: WorkflowOf<typeof contract.openDueWindows> = async (process) => {
  let opened = 0;
  for (let windows = await due(process); windows.length > 0;) {
    const [window, ...rest] = windows;
    if (await openAsChild(window!)) {
      opened++;
      windows = rest;
    } else {
      windows = await due(process); // what is free has changed
      const isRefusedAgain = windows[0]?.from === window!.from && windows[0].to === window!.to;
      if (isRefusedAgain) return opened; // somebody's window stands there that this look does not see: the next one may
    }
  }
  return opened;
};
