import { createPublicKey, verify } from 'node:crypto';
import { ApiClient, ProblemError } from '../../api-client';
import { segment } from '../../context';
import { applyDocuments } from '../../documents';
import { count, table } from '../../output';
import { kindsText, type Reconciliation, storyText } from '../../views';
import { watchWindow } from '../../watch-window';
import { PATIENCE_MS } from '../run';
import { eventually } from '../scene';
import { documents, GATE, PROCESS } from './documents';
import { compareInvoices } from './invoices';
import { check, type SecondScene } from './scene';
import { type Event, PLANTED } from './second-day';

/** A day from its first orders to the statement that it may be reported. */
export async function tellSecondDay(scene: SecondScene): Promise<void> {
  const { narrator } = scene;
  narrator.step('What is agreed');
  const approver = await agree(scene);
  narrator.step('The day arrives; the file of the mainframe does not');
  await receive(scene);
  narrator.step('The window is judged, and rules decide');
  const id = await judge(scene);
  narrator.step('The file of the mainframe arrives');
  await receiveFile(scene, id);
  narrator.step('People decide what is left');
  await decide(scene, approver, id);
  narrator.step('The day may be reported');
  await report(scene);
  narrator.step('The invoices');
  await compareInvoices(scene);
}

/** @returns a second person's way in */
async function agree({ client, narrator, stack, signal }: SecondScene): Promise<ApiClient> {
  for (const { kind, id, version } of await applyDocuments(client, documents()))
    narrator.say(`${kind.padEnd(16)} ${id}, version ${version}`);
  const made = await client.post<{ readonly key: string }>('/v1/keys', {
    principal: { id: 'controller', kind: 'person', roles: ['operator'] },
  });
  narrator.say();
  narrator.say('orders are split into deliveries, whose worth adds up; the mainframe books in cents');
  narrator.say('what people decide needs a second pair of eyes: the controller has them');
  return new ApiClient({ url: stack.url, key: made.key, patienceMs: PATIENCE_MS, signal });
}

async function receive(scene: SecondScene): Promise<void> {
  const { client, narrator, day } = scene;
  // The process was made this moment: intake knows it a second later at the latest, and asks again before it refuses.
  for (const [stage, events] of Object.entries<readonly Event[]>(day.events)) {
    const body = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
    const { stored } = await client.sendEvents(body, 'application/x-ndjson');
    narrator.moment(`${stage.padEnd(10)} ${count(stored)} events`);
    check(scene, `all ${count(events.length)} events of ${stage} are stored`, stored === events.length);
  }
  const { open, gates } = await gateOf(scene);
  narrator.moment(gateText(open, gates));
  check(
    scene,
    'nothing was judged yet, so that the gate is closed',
    !open && (against(gates)?.unjudged.seconds ?? 0) === 86_400,
  );
}

interface Against {
  readonly undecided: { readonly windows: number };
  readonly open: { readonly windows: number; readonly discrepancies: number };
  readonly unjudged: { readonly seconds: number };
}
interface GateState {
  readonly gate: string;
  readonly open: boolean;
  readonly against: readonly Against[];
}

const gateOf = ({ client, day }: SecondScene) =>
  client.get<{ readonly open: boolean; readonly gates: readonly GateState[] }>(`/v1/reporting-gates/${day.date}`);
const against = (gates: readonly GateState[]): Against | undefined =>
  gates.find(({ gate }) => gate === GATE)?.against[0];

function gateText(open: boolean, gates: readonly GateState[]): string {
  const {
    unjudged,
    undecided,
    open: left,
  } = against(gates) ?? {
    unjudged: { seconds: 0 },
    undecided: { windows: 0 },
    open: { windows: 0, discrepancies: 0 },
  };
  const reasons = [
    unjudged.seconds > 0 && `${count(unjudged.seconds / 3_600)} hours not judged`,
    undecided.windows > 0 && `${count(undecided.windows)} windows under way`,
    left.discrepancies > 0 && `${count(left.discrepancies)} open discrepancies`,
  ].filter((one) => one !== false);
  return open ? 'the gate is OPEN' : `the gate is closed: ${reasons.join(', ')}`;
}

interface Decision {
  readonly action: string;
  readonly discrepancies: number;
  readonly rule: { readonly id: string; readonly version: number } | null;
  readonly by: string;
  readonly outcome: string | null;
}

async function decisionsOf({ client }: SecondScene, id: string): Promise<Decision[]> {
  const found: Decision[] = [];
  for await (const one of client.items<Decision>(`/v1/reconciliations/${segment(id)}/decisions`)) found.push(one);
  return found;
}
const byRule = (decisions: readonly Decision[], rule: string): number =>
  decisions.filter((one) => one.rule?.id === rule).reduce((sum, one) => sum + one.discrepancies, 0);

const decisionsText = (decisions: readonly Decision[]): string =>
  table(decisions, [
    { title: 'decided by', value: ({ rule, by }) => (rule ? `${rule.id}, version ${rule.version}` : by) },
    { title: 'what', value: ({ action }) => action },
    { title: 'discrepancies', value: ({ discrepancies }) => count(discrepancies), align: 'right' },
  ]);

async function judge(scene: SecondScene): Promise<string> {
  const { client, narrator, day, signal, warehouse } = scene;
  const next = new Date(Date.parse(day.date) + 86_400_000).toISOString().slice(0, 10);
  const { id } = await client.post<{ readonly id: string }>('/v1/reconciliations', {
    process: PROCESS,
    from: `${day.date}T00:00:00Z`,
    to: `${next}T00:00:00Z`,
  });
  // The verdict comes first, then what rules make of it: accepted, waited for, asked for again.
  const isSettled = async (): Promise<Reconciliation | undefined> => {
    const window = await client.get<Reconciliation>(`/v1/reconciliations/${id}`);
    const decisions = await decisionsOf(scene, id);
    const waits = day.orders - PLANTED.tests;
    return byRule(decisions, 'test-orders') === 2 * PLANTED.tests &&
      warehouse.asked.size === PLANTED.lostDeliveries &&
      window.state === 'gaps' &&
      window.verdict?.open === waits
      ? window
      : undefined;
  };
  const window = await eventually(
    { signal },
    'rules have decided, and the warehouse has told again',
    PATIENCE_MS,
    isSettled,
  );
  for (const step of window.story) narrator.say(`${step.at}  ${storyText(step)}`);
  narrator.say();
  const decisions = await decisionsOf(scene, id);
  narrator.say(decisionsText(decisions));
  narrator.say();
  narrator.say(`left: ${kindsText(window.verdict!.discrepancies)}`);
  check(
    scene,
    `${2 * PLANTED.tests} discrepancies of test orders are accepted by their rule`,
    byRule(decisions, 'test-orders') === 2 * PLANTED.tests,
  );
  check(
    scene,
    `the ${PLANTED.lostDeliveries} orders whose deliveries were lost are asked for again, and healed`,
    byRule(decisions, 'lost-deliveries') >= PLANTED.lostDeliveries,
  );
  const { open, gates } = await gateOf(scene);
  narrator.moment(gateText(open, gates));
  check(scene, 'the gate is closed while the mainframe is waited for', !open);
  return id;
}

async function receiveFile(scene: SecondScene, id: string): Promise<void> {
  const { client, narrator, day, signal } = scene;
  const { stored } = await client.sendEvents(Buffer.from(day.mainframe), 'text/csv', 'mainframe');
  narrator.moment(`${count(stored)} rows of the file are stored`);
  const before = (await client.get<Reconciliation>(`/v1/reconciliations/${id}`)).revision;
  const window = await watchWindow(client, id, {
    until: ({ revision, verdict }) => revision > before && verdict?.open === PLANTED.wrong,
    everyMs: 200,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  narrator.moment(
    `revision ${window.revision}: ${count(window.verdict!.open)} open, ${count(window.verdict!.accepted)} accepted`,
  );
  const decisions = await decisionsOf(scene, id);
  narrator.say();
  narrator.say(decisionsText(decisions));
  check(
    scene,
    `${PLANTED.rounded} amounts that are a cent off are accepted by their rule`,
    byRule(decisions, 'mainframe-rounds') === PLANTED.rounded,
  );
  const ended = decisions.filter(({ rule, action }) => rule && action !== 'wait');
  const byRules = ended.reduce((sum, one) => sum + one.discrepancies, 0);
  check(
    scene,
    `rules accepted or had sent again ${count(byRules)}, and ${PLANTED.wrong} discrepancies are left to people`,
    byRules >= 2 * PLANTED.tests + PLANTED.lostDeliveries + PLANTED.rounded,
  );
}

async function decide(scene: SecondScene, approver: ApiClient, id: string): Promise<void> {
  const { client, narrator, signal } = scene;
  const { id: decision } = await client.post<{ readonly id: string }>('/v1/decisions', {
    action: 'accept',
    reason: 'credit notes were written for these; the mainframe books them tomorrow',
    select: { process: PROCESS, reconciliation: id, kinds: ['mutated'], stages: ['mainframe'] },
  });
  narrator.moment(`the administrator proposes to accept the ${PLANTED.wrong} that are left`);
  const look = () => client.get<{ readonly state: string }>(`/v1/decisions/${decision}`);
  const isProposed = async () => ((await look()).state === 'proposed' ? true : undefined);
  await eventually({ signal }, 'the proposal waits for somebody else', PATIENCE_MS, isProposed);
  const own = await client.post(`/v1/decisions/${decision}/approve`, {}).catch((error: unknown) => error);
  check(scene, 'nobody approves what they proposed', own instanceof ProblemError && own.problem.status < 500);
  await approver.post(`/v1/decisions/${decision}/approve`, { comment: 'seen with the credit notes' });
  narrator.moment('the controller approves it');
  const window = await watchWindow(client, id, {
    until: ({ state }) => state === 'accepted' || state === 'healed',
    everyMs: 200,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  check(scene, 'nothing is open any more', window.verdict?.open === 0);
}

interface Statement {
  readonly id: string;
  readonly state: string;
  readonly signature: string;
}

async function report(scene: SecondScene): Promise<void> {
  const { client, narrator, day, stack } = scene;
  const { open, gates } = await gateOf(scene);
  narrator.moment(gateText(open, gates));
  check(scene, 'the gate is open', open);
  const statement = await client.post<Statement>(`/v1/reporting-gates/${day.date}/statements`, { gate: GATE });
  // As an outsider would: with the public keys alone.
  const { keys } = (await (await fetch(`${stack.url}/v1/statement-keys`)).json()) as {
    keys: readonly { readonly kid: string; readonly kty: string; readonly crv: string; readonly x: string }[];
  };
  const [head = '', payload = '', signature = ''] = statement.signature.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
  const jwk = keys.find((one) => one.kid === kid);
  const isGenuine =
    jwk !== undefined &&
    verify(
      null,
      Buffer.from(`${head}.${payload}`),
      createPublicKey({ key: { ...jwk }, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  narrator.moment(`statement ${statement.id}, signed with ${kid}`);
  check(scene, 'the statement is signed, and its signature verifies with the public key', isGenuine);
}
