import { check } from 'recheck';

/** In a thread of its own, in JavaScript: it is asked a few times a day, and must not hold up events. Read by the package when it is called. */
process.env['RECHECK_BACKEND'] ??= 'worker';
const PATIENCE_MS = 5_000;

/** Why a regular expression (with the flag `u`) may not be run on texts of others: undefined when it takes linear time on all of them. One that could not be judged in time may not. */
export async function faultOfPattern(pattern: string): Promise<string | undefined> {
  const found = await check(pattern, 'u', { timeout: PATIENCE_MS });
  if (found.status === 'safe') return undefined;
  if (found.status === 'vulnerable') return `takes ${found.complexity.summary} time on some texts`;
  return 'could not be shown to take linear time: make it simpler';
}
