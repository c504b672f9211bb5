import { startStack } from '../../../standalone/stack';
import { ApiClient } from '../../api-client';
import { EXIT, type ExitCode } from '../../exit';
import { type DemoOptions, onStackOfItsOwn, OWN_SERVERS, PATIENCE_MS, places } from '../run';
import { dirtyDay } from './dirty-day';
import { type CaptureScene, tellCapture } from './story';

const HOUR_MS = 3_600_000;

/** Shows what becomes of a dirty day: five formats, everything counted, what is bad repaired by people. @returns what the process ends with */
export const runCapture = (options: DemoOptions): Promise<ExitCode> =>
  onStackOfItsOwn(options, async (dataDir, narrator, signal, onStack) => {
    const { orders, seed, json } = options;
    const day = dirtyDay(Math.floor(Date.now() / HOUR_MS) * HOUR_MS, orders, seed);
    narrator.title(`Holdfast demo: a dirty day from ${day.from}, ${orders} orders told in five formats, seed ${seed}`);
    narrator.step('Holdfast starts');
    const stack = await startStack({
      dataDir,
      freePorts: true,
      env: { ...OWN_SERVERS, HOLDFAST_INSPECT_EVERY_SECONDS: '10' },
      onProgress: (message) => !signal.aborted && narrator.moment(message),
    });
    onStack(stack);
    signal.throwIfAborted();
    narrator.say();
    narrator.say(places(stack));
    const client = new ApiClient({ url: stack.url, key: stack.adminKey(), patienceMs: PATIENCE_MS, signal });
    const scene: CaptureScene = { narrator, stack, client, day, signal, startedAt: Date.now(), checks: [] };
    await tellCapture(scene);
    const isGood = scene.checks.every(({ holds }) => holds);
    narrator.step(isGood ? 'Everything is as planned' : 'NOT everything is as planned');
    for (const { what, holds } of scene.checks) narrator.say(`${holds ? 'yes' : 'NO '}  ${what}`);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ ok: isGood, seed, orders, expected: day.expected, checks: scene.checks })}\n`,
      );
    return isGood ? EXIT.ok : EXIT.no;
  });
