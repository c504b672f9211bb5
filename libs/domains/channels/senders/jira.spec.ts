import { startJira, type JiraEmulator } from '@holdfast/platform/channel-emulators';
import type { JiraChannel } from '../core/channel';
import { jiraSender } from './jira';
import { account, followUp, NOTIFICATION, outcome } from './testing/messages';

let jira: JiraEmulator;
const CHANNEL: JiraChannel = {
  ...{ type: 'jira', account: 'jira', project: 'OPS', issueType: 'Task', priorities: { error: 'High' } },
};
const route = (over: Partial<JiraChannel> = {}, ...secrets: string[]) => ({
  channel: { ...CHANNEL, ...over },
  account: account(
    jira.url,
    ...(secrets.length > 0 ? secrets : ['bot@holdfast.example:new', 'bot@holdfast.example:old']),
  ),
  ...{ to: undefined, timeoutMs: 15_000 },
});
beforeEach(async () => {
  jira = await startJira(['bot@holdfast.example:old']);
});
afterEach(() => jira.stop());

test('an alert has one issue, however often it pages', async () => {
  expect(await jiraSender.notify(route(), NOTIFICATION)).toBe('OPS-1');
  expect(await jiraSender.notify(route(), { ...NOTIFICATION, key: 'orders.1/L2/R0/T1' })).toBe('OPS-1');
  expect(await jiraSender.notify(route(), { ...NOTIFICATION, alertId: 'orders.2' })).toBe('OPS-2');
  const { fields } = jira.issues()[0]!;
  expect(fields).toMatchObject({
    summary: NOTIFICATION.title,
    issuetype: { name: 'Task' },
    priority: { name: 'High' },
    labels: ['holdfast', expect.stringMatching(/^holdfast-[0-9a-f]{24}$/)],
  });
  expect(JSON.stringify(fields.description)).toContain('open: 3 <b>');
  expect(JSON.stringify(fields.description)).toContain(NOTIFICATION.acknowledgeUrl);
});

test('a try that may have made an issue says so where the index does not know yet', async () => {
  jira.setIndexed(false);
  jira.inject({ kind: 'slow', delayMs: 0 }); // the search
  jira.inject({ kind: 'drop_after' }); // the creation
  expect(await outcome(jiraSender.notify(route({}, 'bot@holdfast.example:old'), NOTIFICATION))).toEqual([
    'unreachable',
    undefined,
  ]);
  await jiraSender.notify(route(), { ...NOTIFICATION, mayRepeat: true });
  expect(jira.issues().map(({ fields }) => fields.summary)).toEqual([
    NOTIFICATION.title,
    `(may be a repeat) ${NOTIFICATION.title}`,
  ]);
});

test('a resolution ends the issue once, an acknowledgement is a comment', async () => {
  const ref = await jiraSender.notify(route(), NOTIFICATION);
  await jiraSender.followUp(route(), ref, followUp('acknowledged'));
  expect(jira.issues()).toMatchObject([{ status: 'To Do', comments: [{}] }]);
  await jiraSender.followUp(route(), ref, followUp('resolved'));
  await jiraSender.followUp(route(), ref, followUp('resolved'));
  const [issue] = jira.issues();
  expect([issue!.status, issue!.comments.length]).toEqual(['Done', 2]);
  expect(JSON.stringify(issue!.comments)).toContain('Resolved by on-call-a.');
});

test('the transition may be named', async () => {
  const ref = await jiraSender.notify(route(), NOTIFICATION);
  await jiraSender.followUp(route({ resolveTransition: 'In Progress' }), ref, followUp('resolved'));
  expect(jira.issues()[0]!.status).toBe('In Progress');
  const unknown = jiraSender.followUp(route({ resolveTransition: 'Bury' }), ref, followUp('resolved'));
  expect(await outcome(unknown)).toEqual(['refused', 'no_transition']);
});

test('what goes wrong is told by its class', async () => {
  const send = (over = {}, ...secrets: string[]) => outcome(jiraSender.notify(route(over, ...secrets), NOTIFICATION));
  expect(await send({}, 'bot@holdfast.example:gone')).toEqual(['unauthorized', 401]);
  expect(await send({ project: 'NONE' })).toEqual(['refused', 400]);
  jira.inject({ kind: 'status', status: 429, retryAfter: '5' });
  expect(await send()).toEqual(['rate_limited', 429]);
  jira.inject({ kind: 'status', status: 200 });
  expect(await send()).toEqual(['failing', 200]);
  expect(await outcome(jiraSender.followUp(route(), 'OPS-99', followUp('resolved')))).toEqual(['refused', 404]);
  expect(jira.issues()).toEqual([]);
});
