import type { Stack } from '../../../standalone/stack';
import type { ApiClient } from '../../api-client';
import type { Narrator } from '../narrator';
import type { Check } from '../scene';
import type { SecondDay } from './second-day';
import type { Warehouse } from './warehouse';

/** What the parts of the story share. */
export interface SecondScene {
  readonly narrator: Narrator;
  readonly stack: Stack;
  readonly client: ApiClient;
  readonly day: SecondDay;
  readonly warehouse: Warehouse;
  /** A database for the invoices; files where there is none. */
  readonly postgresql: string | undefined;
  readonly dataDir: string;
  readonly signal: AbortSignal;
  readonly checks: Check[];
}

export const check = ({ checks, narrator }: SecondScene, what: string, holds: boolean): void => {
  checks.push({ what, holds });
  if (!holds) narrator.say(`NOT SO: ${what}`);
};
