import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = '.dependency-cruiser.cjs';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string; readonly severity: string };
}

/** What the rules of the repository say of the folders under a root. */
function violationsUnder(folder: string, ...folders: string[]): Promise<Violation[]> {
  const args = [cruiser, '--config', CONFIG, '--output-type', 'json', ...folders];
  return new Promise((resolve, reject) =>
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 100_000_000 }, (_error, stdout, stderr) => {
      try {
        resolve((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
      } catch {
        reject(new Error(`dependency-cruiser did not answer: ${stderr}`));
      }
    }),
  );
}

/** For each rule, files that break it: `import` lines by file. */
const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-cycles': { 'libs/platform/a/one.ts': './two', 'libs/platform/a/two.ts': './one' },
  'kernel-is-the-bottom': { 'libs/kernel/low.ts': '../platform/b/any' },
  'platform-knows-no-domain': { 'libs/platform/c/part.ts': '../../domains/sales/sales.service' },
  'core-is-pure': { 'libs/domains/sales/core/price.ts': 'node:fs' },
  'contracts-hold-types': { 'workflows/sales/sell/contract.ts': '../../../libs/domains/sales/sales.service' },
  'workflows-are-deterministic': { 'workflows/sales/sell/sell.workflow.ts': 'node:crypto' },
  'workflow-kit-is-bundled': { 'libs/platform/workflow-kit/kit.ts': '../b/any' },
  'domains-keep-their-store': { 'libs/domains/sales/sales.activities.ts': '../stock/stock.store' },
  'domains-know-no-app': { 'libs/domains/sales/sales.module.ts': '../../../apps/shop/shop' },
  'controllers-speak-http': { 'libs/domains/sales/sales.controller.ts': './sales.store' },
  'services-do-not-run-activities': { 'libs/domains/stock/stock.service.ts': './stock.activities' },
  'no-orphans': { 'libs/domains/stock/unused.ts': '' },
  'declared-dependencies': { 'libs/domains/stock/stock.activities.ts': 'not-in-package-json' },
};
const PLAIN = [
  'libs/platform/b/any.ts',
  'libs/domains/sales/sales.service.ts',
  'libs/domains/sales/sales.store.ts',
  'libs/domains/stock/stock.store.ts',
  'apps/shop/shop.ts',
];

describe('imports', () => {
  it('point one way everywhere', async () => {
    const found = await violationsUnder(root, 'apps', 'libs', 'workflows');
    expect(found.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it('that point another way are errors, by each rule', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-imports-'));
    try {
      for (const name of [CONFIG, 'tsconfig.json']) copyFileSync(join(root, name), join(folder, name));
      writeFileSync(join(folder, 'package.json'), '{"name":"broken","dependencies":{}}');
      const write = (file: string, imported: string): void => {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), imported === '' ? 'export {};\n' : `import '${imported}';\n`);
      };
      for (const file of PLAIN) write(file, '');
      for (const files of Object.values(BROKEN))
        for (const [file, imported] of Object.entries(files)) write(file, imported);
      const found = await violationsUnder(folder, 'apps', 'libs', 'workflows');
      const { forbidden } = (await import(join(root, CONFIG))) as { forbidden: { name: string }[] };
      expect(Object.keys(BROKEN).sort()).toEqual(forbidden.map(({ name }) => name).sort());
      for (const [name, files] of Object.entries(BROKEN)) {
        const by = found.filter(({ rule }) => rule.name === name);
        // A cycle is told once, from one of its files.
        expect([name, by.some(({ from }) => Object.hasOwn(files, from))]).toEqual([name, true]);
        for (const { rule } of by) expect(rule.severity).toBe('error');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
