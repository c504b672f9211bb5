import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { AcceptedEvent, BookState } from './incident-book';

/** Everything the emulator must not forget: what it knows and what it has accepted but not processed. */
export interface EmulatorState extends BookState {
  readonly accepted: AcceptedEvent[];
}

/** The state of the file, or a blank one when there is none. @throws SyntaxError when the file is not JSON */
export function loadState(path: string | undefined): EmulatorState {
  if (path === undefined || !existsSync(path)) return { incidents: [], notifications: [], accepted: [] };
  return JSON.parse(readFileSync(path, 'utf8')) as EmulatorState;
}

/** Replaces the file whole, so that a process killed meanwhile leaves the old or the new state. */
export function saveState(path: string | undefined, state: EmulatorState): void {
  if (path === undefined) return;
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}
