import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@holdfast/platform/processes';
import { emulatorProgram } from '../../standalone/programs';
import type { Stack } from '../../standalone/stack';
import { UsageError } from '../exit';
import { EmulatorClient } from './emulator-client';

/** Names of the routing keys that the demo's policy pages, one a level. */
export const LEVELS = ['level-1', 'level-2'] as const;
const KEYS = 'HOLDFAST_PAGERDUTY_ROUTING_KEYS';

/** Who is paged: an emulator of PagerDuty, or the real one when its routing keys are given. */
export interface Paging {
  readonly isReal: boolean;
  /** Routing keys by name. */
  readonly routingKeys: ReadonlyMap<string, string>;
  /** For API and worker. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts the emulator beside the stack. @returns undefined for the real PagerDuty */
  start(stack: Stack): Promise<EmulatorClient | undefined>;
}

/** @param apiUrl where the emulator sends webhooks @throws UsageError when routing keys are given but not those of both levels */
export async function planPaging(apiUrl: string): Promise<Paging> {
  const file = process.env[`${KEYS}_FILE`];
  const given = file === undefined ? process.env[KEYS] : readFileSync(file, 'utf8').trim();
  if (given !== undefined && given !== '') return realPaging(given);
  const routingKeys = new Map(LEVELS.map((name) => [name, randomBytes(16).toString('hex')]));
  const secret = randomBytes(24).toString('base64url');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return {
    isReal: false,
    routingKeys,
    env: {
      HOLDFAST_PAGERDUTY_URL: url,
      [KEYS]: [...routingKeys].map(([name, key]) => `${name}=${key}`).join(','),
      HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: secret,
    },
    async start(stack) {
      const webhook = { url: `${apiUrl}/v1/webhooks/pagerduty`, secret };
      await stack.supervisor.start(emulatorProgram(port, join(stack.dataDir, 'pagerduty.json'), webhook));
      return new EmulatorClient(url);
    },
  };
}

function realPaging(given: string): Paging {
  const entries = given.split(',').map((entry) => entry.split('=', 2) as [string, string?]);
  const routingKeys = new Map(entries.map(([name, key]) => [name.trim(), (key ?? '').trim()]));
  const missing = LEVELS.filter((name) => !routingKeys.get(name));
  if (missing.length > 0)
    throw new UsageError(
      `${KEYS} is set, and has no ${missing.join(', ')}: the demo pages ${LEVELS.join(' and ')}; unset it for the emulator`,
    );
  return { isReal: true, routingKeys, env: {}, start: () => Promise.resolve(undefined) };
}
