import { execFile } from 'node:child_process';
import { join } from 'node:path';

test("the demo of a year's records: what is due goes but for what is held, is certified, and can be read again", async () => {
  const main = join(__dirname, '../../dist/apps/cli/main.js');
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
    execFile(process.execPath, [main, 'demo', '--retention', '--json'], { maxBuffer: 1e8 }, (error, out, said) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, stdout: out, stderr: said }),
    ),
  );
  expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
  const told = JSON.parse(stdout) as { ok: boolean; checks: { what: string; holds: boolean }[] };
  expect(told.checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(told.checks.length).toBeGreaterThan(8);
}, 400_000);
