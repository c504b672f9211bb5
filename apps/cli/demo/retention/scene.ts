import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Stack } from '../../../standalone/stack';
import type { ApiClient } from '../../api-client';
import type { Narrator } from '../narrator';
import type { Check } from '../scene';
import type { Database } from './database';

/** What the parts of the year share. */
export interface RetentionScene {
  readonly narrator: Narrator;
  readonly stack: Stack;
  readonly database: Database;
  /** Who asks. */
  readonly client: ApiClient;
  /** Who approves: a key of another person. */
  readonly officer: { readonly client: ApiClient; readonly key: string };
  /** For files that people keep. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly checks: Check[];
}

const MAIN = join(__dirname, '..', '..', 'main.js');

/** The same, where commands are those of somebody who may do everything. */
export const asAdmin = (scene: RetentionScene): RetentionScene => ({
  ...scene,
  officer: { ...scene.officer, key: scene.stack.adminKey() },
});

/** Runs a command as the officer would, and shows it with what it prints. @returns its exit code and its text */
export async function command(
  { narrator, stack, officer }: RetentionScene,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  narrator.say(`$ npx holdfast ${args.join(' ')}`);
  const env = { ...process.env, HOLDFAST_URL: stack.url, HOLDFAST_KEY: officer.key, NO_COLOR: '1' };
  const said = await new Promise<{ code: number; text: string }>((resolve) =>
    execFile(process.execPath, [MAIN, ...args], { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: `${stdout}${stderr}`.trimEnd() }),
    ),
  );
  narrator.say(said.text);
  narrator.say();
  return said;
}

export function check({ checks, narrator }: RetentionScene, what: string, holds: boolean): void {
  checks.push({ what, holds });
  if (!holds) narrator.say(`NOT SO: ${what}`);
}
