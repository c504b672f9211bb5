import { EmulatedChannels, SLACK } from './emulated-channels';
import { preparePaging } from './paging';
import { named, post, respond, until } from './responding';
import { eventually, openStage, type Stage } from './stage';

/** The moment at which nobody can know: Slack has taken a message, and the worker is killed before its answer was heard. */
const STEP_MS = 300_000;
/** How long Slack keeps its answer back: longer than the worker lives, shorter than a try. */
const SLOW = { kind: 'slow', delayMs: 12_000 } as const;

let stage: Stage;
let channels: EmulatedChannels;
let hasFailed = true;

beforeAll(async () => {
  channels = await EmulatedChannels.start();
  stage = await openStage(channels.env);
  await preparePaging(stage, channels);
}, STEP_MS);
afterAll(async () => {
  await stage?.close(hasFailed);
  await channels?.stop();
}, STEP_MS);

/** Raises an alert and, where it is asked for, kills the worker as soon as Slack has taken its message. @returns what Slack has of it once it is paged, by whether it is marked */
async function paged(name: string, isKilled: boolean): Promise<boolean[]> {
  const api = stage.client();
  await post(api, 'paging-answers', [{ name }]);
  if (isKilled) {
    await eventually('Slack takes a message', () => Promise.resolve(channels.posts(name)[0]), 5);
    stage.stack.kill('worker');
  }
  const { id } = await named(api, name);
  const isPaged = await until(api, id, 'paged', ({ transitions }) => transitions.some(({ kind }) => kind === 'paged'));
  expect(isPaged.transitions.filter(({ kind }) => kind !== 'raised')).toEqual([
    expect.objectContaining({ kind: 'paged', level: 1, repeat: 0, channel: SLACK }),
  ]);
  await respond(
    stage,
    id,
    'resolve',
    () => undefined,
    ({ state }) => state === 'resolved',
  );
  // Of the messages the one whose answer was heard says in the end what became of it.
  await eventually('the message is edited', () => Promise.resolve(channels.edited(name) === 1 ? true : undefined));
  return channels.posts(name).map(({ isMarked }) => isMarked);
}

test(
  'what was taken before the worker was killed is told once more, marked',
  async () => {
    channels.slack.inject(SLOW);
    expect(await paged('cut-short-', true)).toEqual([false, true]);
  },
  STEP_MS,
);

test(
  'what was told no was not delivered: the next try is no repeat',
  async () => {
    channels.slack.inject({ kind: 'status', status: 429, retryAfter: '1' });
    expect(await paged('told-no-', false)).toEqual([false]);
  },
  STEP_MS,
);

test(
  'a try that was told no does not speak for the one after it, which was cut short',
  async () => {
    channels.slack.inject({ kind: 'status', status: 429, retryAfter: '1' });
    channels.slack.inject(SLOW);
    expect(await paged('no-then-cut-short-', true)).toEqual([false, true]);
    hasFailed = false;
  },
  STEP_MS,
);
