import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '@holdfast/platform/processes';
import { titleOf } from '../../standalone/progress';
import { startStack, type Stack } from '../../standalone/stack';
import { ApiClient } from '../api-client';
import { EXIT, UsageError, type ExitCode } from '../exit';
import { explain } from '../explain';
import { facts, seconds } from '../output';
import { describeBusiness, judgeDay, receiveDay } from './first-half';
import { generateDay } from './generator/generate-day';
import { Narrator } from './narrator';
import { planPaging } from './paging';
import { Saboteur } from './saboteur';
import type { Result, Scene } from './scene';
import { closeAlert, escalate, heal } from './second-half';
import { timelineOf, timelineText } from './timeline';

export interface DemoOptions {
  readonly orders: number;
  readonly seed: number;
  readonly crash: boolean;
  /** Leaves everything running, and the directory in its place. */
  readonly keep: boolean;
  /** An empty or new directory; default: a temporary one. */
  readonly data: string | undefined;
  readonly json: boolean;
}

export const PATIENCE_MS = 180_000;
/** Servers that the environment names hold somebody's data: the demo never uses them. */
export const OWN_SERVERS = { CLICKHOUSE_URL: '', TEMPORAL_ADDRESS: '' };

/** Runs the main job from start to end on a stack of its own. @returns what the process ends with */
export const runDemo = (options: DemoOptions): Promise<ExitCode> =>
  onStackOfItsOwn(options, async (directory, narrator, signal, onStack) => {
    const scene = await setScene(options, directory, narrator, signal, onStack);
    return conclude(scene, await tellStory(scene), options);
  });

/** What is played on a stack: starts it in a directory, tells of it, and answers what the process ends with. */
export type Play = (
  directory: string,
  narrator: Narrator,
  signal: AbortSignal,
  onStack: (stack: Stack) => void,
) => Promise<ExitCode>;

/** Plays in a fresh directory, and clears up afterwards, however it ends. */
export async function onStackOfItsOwn(
  options: Pick<DemoOptions, 'data' | 'keep' | 'json'>,
  play: Play,
): Promise<ExitCode> {
  const narrator = new Narrator(options.json ? process.stderr : process.stdout);
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const directory = directoryOf(options.data);
  let stack: Stack | undefined;
  let code: ExitCode = EXIT.no;
  try {
    code = await play(directory, narrator, interrupt.signal, (started) => (stack = started));
  } catch (error) {
    code = interrupt.signal.aborted ? EXIT.interrupted : EXIT.no;
    narrator.say();
    narrator.say(interrupt.signal.aborted ? 'interrupted' : explain(error));
    if (stack && !options.keep && !interrupt.signal.aborted) narrator.say('logs are kept with --keep');
  } finally {
    if (stack) {
      if (options.keep && !interrupt.signal.aborted) await untilInterrupted(narrator, stack, interrupt.signal);
      narrator.say('stopping everything ...');
      await stack.stop();
    }
    if (options.data === undefined && !options.keep) rmSync(directory, { recursive: true, force: true });
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  return code;
}

/** @throws UsageError when the directory of the user holds something: what is there would not be the demo's day */
function directoryOf(data: string | undefined): string {
  if (data === undefined) return mkdtempSync(join(tmpdir(), 'holdfast-demo-'));
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new UsageError(`${data} is not empty; the demo needs a fresh directory`);
  return resolve(data);
}

/** The newest day that is over, and its day after long enough begun for what came late in it. */
export const demoDay = (): string => new Date(Date.now() - 26 * 3_600_000).toISOString().slice(0, 10);

async function setScene(
  { orders, seed, crash }: DemoOptions,
  dataDir: string,
  narrator: Narrator,
  signal: AbortSignal,
  onStack: (stack: Stack) => void,
): Promise<Scene> {
  const day = generateDay({ seed, orders, day: demoDay() });
  narrator.title(
    `Holdfast demo: a day of ${day.process.id}, ${day.window.from.slice(0, 10)}, seed ${seed}${crash ? ', with crashes' : ''}`,
  );
  narrator.step('Holdfast starts');
  const port = await freePort();
  const paging = await planPaging(`http://127.0.0.1:${port}`);
  const say = (message: string): void => {
    if (!signal.aborted) narrator.moment(message);
  };
  const stack = await startStack({
    dataDir,
    port,
    freePorts: true,
    env: { ...OWN_SERVERS, ...paging.env },
    onProgress: say,
  });
  onStack(stack);
  const emulator = await paging.start(stack);
  signal.throwIfAborted();
  narrator.say();
  narrator.say(places(stack));
  narrator.say(
    paging.isReal
      ? 'The REAL PagerDuty is paged: routing keys are given.'
      : 'People are paged through an emulator of PagerDuty.',
  );
  const moments: Scene['moments'] = [];
  return {
    narrator,
    stack,
    client: new ApiClient({ url: stack.url, key: stack.adminKey(), patienceMs: PATIENCE_MS, signal }),
    day,
    paging,
    emulator,
    saboteur: crash
      ? new Saboteur(stack, seed, ({ at, name, during }) => {
          narrator.moment(`kill -9 ${titleOf(name)} during ${during}`);
          moments.push({ at, who: 'crash', what: `kill -9 ${titleOf(name)}` });
        })
      : undefined,
    signal,
    startedAt: Date.now(),
    moments,
    checks: [],
  };
}

export const places = (stack: Stack): string =>
  facts([
    ['API', stack.url],
    ['OpenAPI page', `${stack.url}/docs`],
    ['Temporal UI', stack.temporalUi],
    ['key', stack.adminKeyFile],
    ['data, logs', stack.dataDir],
  ]);

async function tellStory(scene: Scene): Promise<Result> {
  const { narrator, moments } = scene;
  narrator.step('The process and who is paged');
  await describeBusiness(scene);
  narrator.step('The day arrives');
  const { answered, ms } = await receiveDay(scene);
  narrator.step('The window is judged');
  const judged = await judgeDay(scene);
  narrator.step('People are paged');
  const follower = await escalate(scene, judged);
  narrator.step('The lost events arrive');
  const window = await heal(scene, judged);
  narrator.step('The alert ends');
  const alert = await closeAlert(scene, follower);
  narrator.step('The whole story (UTC)');
  narrator.say(timelineText(timelineOf(window, alert, moments)));
  return { records: answered, recordsPerSecond: Math.round((1000 * answered.received) / ms), window, alert };
}

function conclude(scene: Scene, result: Result, { keep, json, seed, orders }: DemoOptions): ExitCode {
  const { narrator, checks, stack, saboteur } = scene;
  const isGood = checks.every(({ holds }) => holds);
  narrator.step(isGood ? 'Everything is as planned' : 'NOT everything is as planned');
  for (const { what, holds } of checks) narrator.say(`${holds ? 'yes' : 'NO '}  ${what}`);
  if (saboteur) narrator.say(`     after ${saboteur.kills.length} times kill -9`);
  const { id } = result.window;
  const command = (rest: string): string => `npx holdfast --url ${stack.url} --key-file ${stack.adminKeyFile} ${rest}`;
  narrator.step(keep ? 'Where to look next' : 'Where to look next, after `npm run demo -- --keep`');
  narrator.say(`${stack.url}/docs  the API\n${stack.temporalUi ?? ''}  the workflows`);
  narrator.say();
  narrator.say(command(`reconcile show ${id}`));
  narrator.say(command(`reconcile discrepancies ${id} --revision 1 --kind mutated`));
  narrator.say(command(`alerts show ${result.alert.id}`));
  narrator.say(command(`events timeline ${scene.day.planted[0]?.key ?? ''} --process ${result.window.process}`));
  narrator.say();
  if (json) {
    const { records, recordsPerSecond, window, alert } = result;
    const kills = saboteur?.kills ?? [];
    process.stdout.write(
      `${JSON.stringify({ ok: isGood, seed, orders, startedInMs: stack.startedInMs, records, recordsPerSecond, checks, kills, window, alert })}\n`,
    );
  }
  return isGood ? EXIT.ok : EXIT.no;
}

async function untilInterrupted(narrator: Narrator, stack: Stack, signal: AbortSignal): Promise<void> {
  narrator.say(
    `everything keeps running (started in ${seconds(stack.startedInMs)}); Ctrl-C stops it and leaves ${stack.dataDir}`,
  );
  if (!signal.aborted) await new Promise<void>((end) => signal.addEventListener('abort', () => end()));
}
