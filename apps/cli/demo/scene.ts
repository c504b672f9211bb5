import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../../standalone/stack';
import type { Account } from '../account';
import type { ApiClient } from '../api-client';
import type { Alert, Reconciliation } from '../views';
import { DemoError } from './demo-error';
import type { EmulatorClient } from './emulator-client';
import type { GeneratedDay } from './generator/generate-day';
import type { Narrator } from './narrator';
import type { Paging } from './paging';
import type { Saboteur } from './saboteur';
import type { Moment } from './timeline';

/** Everything that the demo's parts share. */
export interface Scene {
  readonly narrator: Narrator;
  readonly stack: Stack;
  readonly client: ApiClient;
  readonly day: GeneratedDay;
  readonly paging: Paging;
  /** Undefined where the real PagerDuty is paged. */
  readonly emulator: EmulatorClient | undefined;
  /** With --crash. */
  readonly saboteur: Saboteur | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 when the first record was sent. */
  readonly startedAt: number;
  readonly moments: Moment[];
  readonly checks: Check[];
}

/** Something that must be so for the demo to succeed. */
export interface Check {
  readonly what: string;
  readonly holds: boolean;
}

/** What the demo found out, for --json and the last lines. */
export interface Result {
  readonly records: Account;
  readonly recordsPerSecond: number;
  readonly window: Reconciliation;
  readonly alert: Alert;
}

export function check({ checks, narrator }: Scene, what: string, holds: boolean): void {
  checks.push({ what, holds });
  if (!holds) narrator.say(`NOT SO: ${what}`);
}

/** Looks until there is something to see. @throws DemoError saying what did not come in time */
export async function eventually<T>(
  scene: Pick<Scene, 'signal'>,
  what: string,
  patienceMs: number,
  look: () => Promise<T | undefined>,
  everyMs = 200,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > until) throw new DemoError(`within ${patienceMs / 1000} s this did not happen: ${what}`);
    await pause(everyMs, undefined, { signal: scene.signal });
  }
}
