import type { Account } from '../account';
import { applyDocuments } from '../documents';
import { count, seconds } from '../output';
import { storyText, type Reconciliation } from '../views';
import { watchWindow } from '../watch-window';
import { accountSince, accountText, isAsExpected } from './accounts';
import { compareWithPlanted, comparisonText } from './compare';
import { LEVELS } from './paging';
import { DemoError } from './demo-error';
import { check, type Scene } from './scene';
import { sendBatches, type Sent } from './send-day';

/** Seconds that level 1 gets to acknowledge: short, so that the escalation is seen. */
export const LEVEL_1_SECONDS = 5;
const LEVEL_2_SECONDS = 900;
const POLICY = 'on-call';

/** Says who is paged and what the process is. */
export async function describeBusiness({ client, day, narrator }: Scene): Promise<void> {
  const { id, document } = day.process;
  const target = (name: string) => [{ kind: 'pagerduty', routingKey: name }];
  const applied = await applyDocuments(client, [
    {
      kind: 'escalation-policy',
      id: POLICY,
      body: {
        description: 'The person on call, then the one behind.',
        levels: [
          { targets: target(LEVELS[0]), acknowledgeTimeoutSeconds: LEVEL_1_SECONDS },
          { targets: target(LEVELS[1]), acknowledgeTimeoutSeconds: LEVEL_2_SECONDS },
        ],
        repeats: 0,
      },
    },
    { kind: 'process', id, body: { ...document, escalationPolicy: POLICY } },
  ]);
  const fields = document.fields.map(({ name }) => name).join(', ');
  for (const one of applied) narrator.say(`${one.kind.padEnd(17)}  ${one.id}, version ${one.version}, ${one.outcome}`);
  narrator.say(`${document.stages.map(({ id }) => id).join(' -> ')} must agree on ${fields}`);
  narrator.say(`level 1 has ${LEVEL_1_SECONDS} s to acknowledge, then level 2 is paged`);
}

/** Sends the day, and holds the intake's account against what was generated. */
export async function receiveDay(scene: Scene): Promise<Sent> {
  const { client, day, narrator, saboteur, moments } = scene;
  const { summary } = day;
  const planted = Object.values(summary.planted).reduce((sum, n) => sum + n, 0);
  narrator.say(
    `${count(summary.orders)} orders, ${count(summary.events)} events, ${count(planted)} planted discrepancies in ${count(summary.faultyOrders)} orders;\n` +
      `beside them ${count(summary.failedAttempts)} failed attempts, ${count(summary.account.duplicate)} records sent twice, ` +
      `${count(summary.bystanders)} orders of other days, ${count(summary.testEvents)} test events`,
  );
  moments.push({ at: new Date().toISOString(), who: 'demo', what: 'the first record is sent' });
  const sent = await sendBatches(
    client,
    'sending',
    day.events(),
    summary.account.received,
    saboteur?.duringIngest(summary.account.received),
  );
  moments.push({
    at: new Date().toISOString(),
    who: 'demo',
    what: `the last of ${count(sent.answered.received)} records is acknowledged`,
  });
  narrator.say();
  narrator.say(
    `${count(sent.answered.received)} records acknowledged in ${seconds(sent.ms)}: ${count(Math.round((1000 * sent.answered.received) / sent.ms))} a second`,
  );
  await saboteur?.recovered();
  await compareAccounts(scene, summary.account, 'the intake account is what was generated');
  return sent;
}

export async function compareAccounts(scene: Scene, expected: Account, what: string): Promise<void> {
  const { client, narrator, saboteur, startedAt } = scene;
  const counted = await accountSince(client, startedAt);
  narrator.say();
  narrator.say(accountText(expected, counted));
  const extra = counted.received - expected.received;
  if (saboteur && extra > 0)
    narrator.say(
      `${count(extra)} records were stored when their answer got lost; the repeat counts them as duplicates`,
    );
  check(scene, what, isAsExpected(expected, counted, saboteur !== undefined));
}

/** Opens the window and waits for its verdict. */
export async function judgeDay(scene: Scene): Promise<Reconciliation> {
  const { client, day, narrator, saboteur, signal } = scene;
  const { from, to } = day.window;
  const startedAt = performance.now();
  const { id } = await client.post<{ readonly id: string }>('/v1/reconciliations', {
    process: day.process.id,
    from,
    to,
  });
  narrator.moment(`window ${id}`);
  saboteur?.duringJudging();
  const window = await watchWindow(client, id, {
    onStep: (step) => narrator.moment(storyText(step)),
    everyMs: 100,
    signal,
  });
  narrator.say();
  narrator.say(
    `verdict after ${seconds(performance.now() - startedAt)}: ${window.state}, ${count(window.verdict?.open ?? 0)} open`,
  );
  if (window.state !== 'gaps') throw new DemoError(`the window should have gaps, and is ${window.state}`);
  await saboteur?.recovered();
  const comparison = await compareWithPlanted(client, id, day.planted);
  narrator.say();
  narrator.say(comparisonText(comparison));
  check(scene, 'the verdict names what was planted, key by key', comparison.isEqual);
  return window;
}
