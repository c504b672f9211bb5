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
    } else windows = await due(process); // what is free has changed
  }
  return opened;
};
