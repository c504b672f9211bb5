import { startStack } from '../../../standalone/stack';
import { ApiClient } from '../../api-client';
import { EXIT, type ExitCode } from '../../exit';
import { demoDay, type DemoOptions, onStackOfItsOwn, OWN_SERVERS, PATIENCE_MS, places } from '../run';
import { WAREHOUSE } from './documents';
import type { SecondScene } from './scene';
import { secondDay } from './second-day';
import { tellSecondDay } from './story';
import { startWarehouse } from './warehouse';

/** Shows a day that rules and people bring to an end: split orders, a file that comes late, invoices, and the gate of the day's report. @returns what the process ends with */
export const runSecondDay = (options: DemoOptions & { readonly postgresql: string | undefined }): Promise<ExitCode> =>
  onStackOfItsOwn(options, async (dataDir, narrator, signal, onStack) => {
    const { orders, seed, json, postgresql } = options;
    const day = secondDay(demoDay(), orders, seed);
    narrator.title(
      `Holdfast demo, second day: ${orders} orders of ${day.date}, split, booked late and invoiced, seed ${seed}`,
    );
    narrator.step('Holdfast starts');
    const warehouse = await startWarehouse();
    try {
      const stack = await startStack({
        dataDir,
        freePorts: true,
        env: {
          ...OWN_SERVERS,
          HOLDFAST_LATE_EVENTS_EVERY_MS: '500',
          HOLDFAST_CONNECTORS: `${WAREHOUSE}=${warehouse.url}`,
          HOLDFAST_CONNECTOR_SECRETS: `${WAREHOUSE}=${warehouse.secret}`,
        },
        onProgress: (message) => !signal.aborted && narrator.moment(message),
      });
      onStack(stack);
      signal.throwIfAborted();
      narrator.say();
      narrator.say(places(stack));
      const client = new ApiClient({ url: stack.url, key: stack.adminKey(), patienceMs: PATIENCE_MS, signal });
      warehouse.connect(client, day);
      const scene: SecondScene = { narrator, stack, client, day, warehouse, postgresql, dataDir, signal, checks: [] };
      await tellSecondDay(scene);
      const isGood = scene.checks.every(({ holds }) => holds);
      narrator.step(isGood ? 'Everything is as planned' : 'NOT everything is as planned');
      for (const { what, holds } of scene.checks) narrator.say(`${holds ? 'yes' : 'NO '}  ${what}`);
      if (json) process.stdout.write(`${JSON.stringify({ ok: isGood, seed, orders, checks: scene.checks })}\n`);
      return isGood ? EXIT.ok : EXIT.no;
    } finally {
      await warehouse.stop();
    }
  });
