import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../../../standalone/stack';
import { type Account, accountColumns, addAccounts, addsUp, NO_ACCOUNT } from '../../account';
import { type ApiClient, ProblemError, type Receipt } from '../../api-client';
import { segment } from '../../context';
import { applyDocuments } from '../../documents';
import { count, table } from '../../output';
import { kindsText, storyText } from '../../views';
import { watchWindow } from '../../watch-window';
import { accountSince, accountText } from '../accounts';
import type { Narrator } from '../narrator';
import type { Check } from '../scene';
import { type Body, type DirtyDay, PLANTED } from './dirty-day';
import { documents, PROCESS, STAGES } from './documents';

/** What the parts of the story share. */
export interface CaptureScene {
  readonly narrator: Narrator;
  readonly stack: Stack;
  readonly client: ApiClient;
  readonly day: DirtyDay;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 when the first record was sent. */
  readonly startedAt: number;
  readonly checks: Check[];
}

const check = ({ checks, narrator }: CaptureScene, what: string, holds: boolean): void => {
  checks.push({ what, holds });
  if (!holds) narrator.say(`NOT SO: ${what}`);
};

/** A dirty day from arrival to the healed window. */
export async function tellCapture(scene: CaptureScene): Promise<void> {
  const { narrator } = scene;
  narrator.step('What is agreed');
  await agree(scene);
  narrator.step('The dirty day arrives');
  await receive(scene);
  narrator.step('The window is judged');
  const window = await judge(scene);
  narrator.step('A steward repairs the quarantine');
  await repair(scene);
  narrator.step('The window heals');
  await heal(scene, window);
  narrator.step('What is left of personal data');
  await lookForSecrets(scene);
  narrator.step('A clock is wrong');
  await compareClocks(scene);
}

async function agree({ client, narrator, signal }: CaptureScene): Promise<void> {
  const applied = await applyDocuments(client, documents());
  for (const { kind, id, version } of applied) narrator.say(`${kind.padEnd(15)} ${id}, version ${version}`);
  narrator.say();
  narrator.say(`${STAGES.join(' -> ')} must agree on amount`);
  await pause(1_200, undefined, { signal }); // documents hold for records a second later at the latest
}

async function send(client: ApiClient, { bytes, contentType, mapping }: Body): Promise<Receipt> {
  try {
    return await client.sendEvents(bytes, contentType, mapping);
  } catch (error) {
    if (error instanceof ProblemError && typeof error.problem['received'] === 'number')
      return error.problem as unknown as Receipt;
    throw error;
  }
}

async function receive(scene: CaptureScene): Promise<void> {
  const { client, narrator, day } = scene;
  let total: Account = NO_ACCOUNT;
  const rows: (Account & { readonly body: Body })[] = [];
  for (const body of day.bodies) {
    const receipt = await send(client, body);
    total = addAccounts(total, receipt);
    rows.push({ ...receipt, body });
  }
  narrator.say(
    table(rows, [
      { title: 'system', value: ({ body }) => body.stage },
      { title: 'format', value: ({ body }) => body.format },
      ...accountColumns,
    ]),
  );
  await compare(scene, day.expected, 'the account adds up to the last record');
  check(scene, 'the answers say what the account says', same(total, day.expected));
}

const same = (a: Account, b: Account): boolean =>
  JSON.stringify(addAccounts(a, NO_ACCOUNT)) === JSON.stringify(addAccounts(b, NO_ACCOUNT));

async function compare(scene: CaptureScene, expected: Account, what: string): Promise<void> {
  const counted = addAccounts(await accountSince(scene.client, scene.startedAt), NO_ACCOUNT);
  scene.narrator.say();
  scene.narrator.say(accountText(expected, counted));
  check(scene, what, addsUp(counted) && same(counted, expected));
}

async function judge(scene: CaptureScene): Promise<string> {
  const { client, narrator, day, signal } = scene;
  const { id } = await client.post<{ readonly id: string }>('/v1/reconciliations', {
    process: PROCESS,
    from: day.from,
    to: day.to,
  });
  const window = await watchWindow(client, id, {
    onStep: (step) => narrator.moment(storyText(step)),
    everyMs: 100,
    signal,
  });
  narrator.say();
  narrator.say(`discrepancies: ${kindsText(window.verdict?.discrepancies ?? {})}`);
  // What the carrier is missing makes an orphan of what the next system tells; so does an order that no shop has told of.
  const { missing = 0, orphan = 0 } = window.verdict?.discrepancies ?? {};
  check(
    scene,
    'the window has a gap for each record in quarantine, and no other',
    missing === PLANTED.misnamed &&
      orphan === PLANTED.misspelt + PLANTED.misnamed &&
      window.verdict?.open === missing + orphan,
  );
  return id;
}

interface Queue {
  readonly owner: string | null;
  readonly code: string;
  readonly items: number;
}
interface Patched {
  readonly mended: number;
  readonly stillBad: number;
  readonly inapplicable: number;
}
interface Replay {
  readonly id: string;
  readonly state: string;
  readonly released: number;
  readonly stillBad: number;
}

async function repair(scene: CaptureScene): Promise<void> {
  const { client, narrator, day, signal } = scene;
  const { queues } = await client.get<{ readonly queues: readonly Queue[] }>('/v1/quarantine/queues');
  narrator.say(
    table(queues, [
      { title: 'steward', value: ({ owner }) => owner },
      { title: 'reason', value: ({ code }) => code },
      { title: 'records', value: ({ items }) => count(items), align: 'right' },
    ]),
  );
  narrator.say();
  const patch = async (select: object, operations: readonly object[], planned: number): Promise<void> => {
    const request = { select, patch: operations };
    const tried: Patched = await client.post('/v1/quarantine/patches', { ...request, dryRun: true });
    const done: Patched = await client.post('/v1/quarantine/patches', request);
    narrator.moment(
      `${JSON.stringify(operations[0])}: ${count(tried.mended)} would be mended, ${count(done.mended)} are`,
    );
    check(
      scene,
      `a patch mends ${planned} records, as its dry run said`,
      tried.mended === planned && done.mended === planned,
    );
  };
  await patch(
    { owner: 'orders-steward' },
    [{ op: 'move', from: '/data/amuont', path: '/data/amount' }],
    PLANTED.misspelt,
  );
  await patch({ owner: 'logistics-steward' }, [{ op: 'replace', path: '/process', value: PROCESS }], PLANTED.misnamed);
  let replay: Replay = await client.post('/v1/quarantine/replays', { select: { state: 'patched' } });
  while (replay.state === 'running') {
    await pause(100, undefined, { signal });
    replay = await client.get(`/v1/quarantine/replays/${segment(replay.id)}`);
  }
  narrator.moment(`replay ${replay.state}: ${count(replay.released)} released, ${count(replay.stillBad)} still bad`);
  const { quarantined, ...rest } = day.expected;
  await compare(
    scene,
    { ...rest, stored: rest.stored + quarantined, quarantined: 0 },
    'counts have moved from quarantine to stored, and nothing else has',
  );
}

async function heal(scene: CaptureScene, id: string): Promise<void> {
  const { client, narrator, signal } = scene;
  const isOver = ({ state }: { state: string }): boolean => state === 'healed';
  const window = await watchWindow(client, id, {
    until: isOver,
    onStep: (step) => narrator.moment(storyText(step)),
    everyMs: 100,
    signal,
  });
  check(scene, 'the window is healed, and nothing is open', isOver(window) && window.verdict?.open === 0);
}

async function lookForSecrets(scene: CaptureScene): Promise<void> {
  const { client, narrator, day } = scene;
  const told: { readonly items: readonly Record<string, unknown>[] } = await client.get('/v1/events', {
    process: PROCESS,
    key: day.example,
  });
  const shop = told.items.find((one) => one['stage'] === 'shop' && one['outcome'] === 'stored');
  narrator.say(`${day.example} as the shop told of it, and as it is stored:`);
  narrator.say();
  narrator.say(JSON.stringify(shop?.['data'], null, 2));
  narrator.say(`categories ${String(shop?.['categories'])}, sensitivity ${String(shop?.['sensitivity'])}`);
  const text = JSON.stringify(told);
  check(
    scene,
    'no name and no address of a customer is told',
    shop !== undefined && !day.secrets.some((secret) => text.includes(secret)),
  );
  check(scene, 'a conflict keeps both payloads', told.items.filter((one) => one['stage'] === 'shop').length === 2);
}

/** How long the next look may take. */
const LOOK_MS = 180_000;

interface ClockFinding {
  readonly source: string;
  readonly measures: { readonly skewMicros: number };
}

/** Waits for the next look at the clocks. */
async function compareClocks(scene: CaptureScene): Promise<void> {
  const { client, narrator, day, signal } = scene;
  narrator.say(
    'every record of the warehouse was stamped before the system in front of it; the next inspection of the clocks sees that',
  );
  let found: readonly ClockFinding[] = [];
  for (const until = Date.now() + LOOK_MS; found.length === 0 && Date.now() < until;) {
    await pause(500, undefined, { signal });
    found = (await client.get<{ readonly items: readonly ClockFinding[] }>('/v1/findings', { kind: 'clock_skew' }))
      .items;
  }
  for (const { source, measures } of found)
    narrator.moment(`the clock of ${source} is ${(-measures.skewMicros / 60_000_000).toFixed(1)} min behind, or more`);
  check(
    scene,
    'the clock of the warehouse alone is found to be behind',
    found.length === 1 && found[0]!.source === 'warehouse' && found[0]!.measures.skewMicros < 0,
  );
  const stagesBy = async (order: string): Promise<string> => {
    const told: { readonly items: readonly { readonly stage: string; readonly outcome: string }[] } = await client.get(
      '/v1/events',
      { process: PROCESS, key: day.example, order },
    );
    return [...new Set(told.items.map(({ stage }) => stage))].join(' -> ');
  };
  const [sent, corrected] = [await stagesBy('occurred'), await stagesBy('corrected')];
  narrator.say(`${day.example} by the times that were sent:  ${sent}`);
  narrator.say(`${day.example} by corrected clocks:          ${corrected}`);
  check(
    scene,
    'times are stored as they were sent, and put in order by corrected clocks',
    sent.startsWith('warehouse') && corrected === STAGES.join(' -> '),
  );
}
