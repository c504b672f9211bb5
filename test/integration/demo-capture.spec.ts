import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { dirtyDay } from '../../apps/cli/demo/capture/dirty-day';

const HOUR_MS = 3_600_000;

test('the demo of a dirty day: what is planted is found, repaired and healed', async () => {
  const main = join(__dirname, '../../dist/apps/cli/main.js');
  const args = [main, 'demo', '--capture', '--orders', '200', '--seed', '11', '--json'];
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
    execFile(process.execPath, args, { maxBuffer: 1e8 }, (error, out, said) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, stdout: out, stderr: said }),
    ),
  );
  const told = JSON.parse(stdout) as { ok: boolean; expected: object; checks: { what: string; holds: boolean }[] };
  expect({ code, failed: told.checks.filter(({ holds }) => !holds), said: told.ok ? '' : stderr }).toEqual({
    ...{ code: 0, failed: [], said: '' },
  });
  expect(told.checks.length).toBeGreaterThan(8);
  expect(told.expected).toEqual(dirtyDay(Math.floor(Date.now() / HOUR_MS) * HOUR_MS, 200, 11).expected);
}, 400_000);
