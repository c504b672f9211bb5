import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ChangeEvent } from './event-validation';
import type { AcceptedEvent, BookState } from './incident-book';
import type { Note } from './rest';

/** Everything the emulator must not forget: what it knows and what it has accepted but not processed. */
export interface EmulatorState extends BookState {
  readonly accepted: AcceptedEvent[];
  readonly changes: ChangeEvent[];
  readonly notes: Note[];
}

/** The state of the file, or a blank one when there is none. @throws SyntaxError when the file is not JSON */
export function loadState(path: string | undefined): EmulatorState {
  const blank: EmulatorState = { incidents: [], notifications: [], accepted: [], changes: [], notes: [] };
  if (path === undefined || !existsSync(path)) return blank;
  return { ...blank, ...(JSON.parse(readFileSync(path, 'utf8')) as Partial<EmulatorState>) };
}

/** Replaces the file whole, so that a process killed meanwhile leaves the old or the new state. */
export function saveState(path: string | undefined, state: EmulatorState): void {
  if (path === undefined) return;
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}
