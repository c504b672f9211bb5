import { generateDay, type GeneratedDay } from '../../apps/cli/demo/generator/generate-day';
import type { Discrepancy, Reconciliation, Revision } from '../../apps/cli/views';
import type { ApiClient } from '../../apps/cli/api-client';
import { create, DAY, eventually, openWindow, type Stage } from './stage';

/** A discrepancy without what differs from run to run by right: when it was first seen. */
export type Found = Pick<Discrepancy, 'key' | 'kind' | 'stage' | 'hop' | 'expected' | 'found'> & {
  readonly field: string;
};

export interface WindowPlayed {
  /** Oldest first, as they are in the end. */
  readonly revisions: readonly Revision[];
  /** What each revision was when it was first seen, by number. */
  readonly firstSeen: ReadonlyMap<number, Revision>;
  /** Discrepancies by revision, in their order. */
  readonly found: ReadonlyMap<number, readonly Found[]>;
  /** How many judgements the engine holds for a revision, where it is not one. */
  readonly overwritten: readonly { readonly revision: number; readonly judgements: string }[];
  readonly retries: number;
}

const ORDERS = 400;
const FEWEST_JUDGEMENTS = 3;

/** A day of order-to-cash with planted faults, the same in every round. */
export const dayOf = (seed: number): GeneratedDay => generateDay({ seed, orders: ORDERS, day: DAY });

/**
 * Sends the day as a process of its own, has its window judged again and again for as long as `isAtWork` says, heals it, and reads everything that there
 * is to know of it.
 */
export async function playWindow(
  stage: Stage,
  day: GeneratedDay,
  name: string,
  disturbance: { readonly isAtWork: boolean; readonly over: Promise<void> },
): Promise<WindowPlayed> {
  const { client, engine } = stage;
  let retries = 0;
  const api = client(() => retries++);
  const process = `fault-window-${name}`;
  await create(api, `/v1/processes/${process}`, day.process.document);
  for (const { ndjson } of day.events()) await api.sendEvents(renamed(ndjson, process), 'application/x-ndjson');
  const id = await openWindow(stage, { process, ...day.window }, () => retries++);

  const firstSeen = new Map<number, Revision>();
  const look = async (): Promise<Reconciliation> => {
    const window = await api.get<Reconciliation>(`/v1/reconciliations/${id}`);
    if (window.verdict && !firstSeen.has(window.revision)) firstSeen.set(window.revision, window.verdict);
    return window;
  };
  const judged = (after: number) =>
    eventually(`revision ${after + 1} of ${id}`, async () => {
      const window = await look();
      return window.revision > after ? window : undefined;
    });
  let { revision } = await judged(0);
  for (let judgements = 1; judgements < FEWEST_JUDGEMENTS || disturbance.isAtWork; judgements++) {
    await api.post(`/v1/reconciliations/${id}/judge`);
    ({ revision } = await judged(revision));
  }
  for (const { ndjson } of day.healing()) await api.sendEvents(renamed(ndjson, process), 'application/x-ndjson');
  await eventually(`the end of ${id}`, async () => ((await look()).state === 'healed' ? true : undefined));
  await disturbance.over;

  const revisions: Revision[] = [];
  for await (const one of api.items<Revision>(`/v1/reconciliations/${id}/revisions`)) revisions.unshift(one);
  const found = new Map<number, Found[]>();
  for (const { revision } of revisions) found.set(revision, await discrepanciesOf(api, id, revision));
  const overwritten = await engine.rows<{ revision: number; judgements: string }>(
    `SELECT revision, uniqExact(judgement, state, open) AS judgements FROM verdicts
     WHERE reconciliation = {id:String} GROUP BY revision HAVING judgements != 1`,
    { id },
  );
  return { revisions, firstSeen, found, overwritten, retries };
}

async function discrepanciesOf(api: ApiClient, id: string, revision: number): Promise<Found[]> {
  const found: Found[] = [];
  for await (const one of api.items<Discrepancy>(`/v1/reconciliations/${id}/discrepancies`, { revision })) {
    const { key, kind, stage, hop, field = '', expected, found: there } = one;
    found.push({ key, kind, stage, hop, field, expected, found: there });
  }
  return found;
}

/** The day's records as those of another process: its sources are others too, as source and id name an event. */
function renamed(ndjson: Buffer, process: string): Buffer {
  const text = ndjson.toString('latin1');
  return Buffer.from(
    text
      .replaceAll('"process":"order-to-cash"', `"process":"${process}"`)
      .replaceAll('"source":"', `"source":"${process}.`),
    'latin1',
  );
}
