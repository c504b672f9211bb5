import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../../standalone/stack';
import { ApiClient } from '../../api-client';
import { EXIT, type ExitCode } from '../../exit';
import { type DemoOptions, onStackOfItsOwn, OWN_SERVERS, PATIENCE_MS, places } from '../run';
import { Database } from './database';
import type { RetentionScene } from './scene';
import { tellYear } from './story';

/** Plays a year's records: planned, held, purged, certified, read again; and a row of the audit log that somebody altered. @returns what the process ends with */
export const runRetentionDemo = (options: DemoOptions): Promise<ExitCode> =>
  onStackOfItsOwn(options, async (dataDir, narrator, signal, onStack) => {
    narrator.title("Holdfast demo: a year's records");
    narrator.step('Holdfast starts');
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-files-'));
    try {
      const stack = await startStack({
        dataDir,
        freePorts: true,
        env: OWN_SERVERS,
        onProgress: (message) => !signal.aborted && narrator.moment(message),
      });
      onStack(stack);
      signal.throwIfAborted();
      narrator.say();
      narrator.say(places(stack));
      const clientWith = (key: string): ApiClient =>
        new ApiClient({ url: stack.url, key, patienceMs: PATIENCE_MS, signal });
      const client = clientWith(stack.adminKey());
      const principal = { id: 'records-officer', kind: 'person', roles: ['records'] };
      const { key } = await client.post<{ key: string }>('/v1/keys', { principal });
      const officer = { client: clientWith(key), key };
      const database = new Database(stack.clickhouse);
      const scene: RetentionScene = { narrator, stack, database, client, officer, folder, signal, checks: [] };
      await tellYear(scene);
      const isGood = scene.checks.every(({ holds }) => holds);
      narrator.step(isGood ? 'Everything is as it should be' : 'NOT everything is as it should be');
      for (const { what, holds } of scene.checks) narrator.say(`${holds ? 'yes' : 'NO '}  ${what}`);
      if (options.json) process.stdout.write(`${JSON.stringify({ ok: isGood, checks: scene.checks })}\n`);
      return isGood ? EXIT.ok : EXIT.no;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
