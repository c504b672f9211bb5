import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MODULE_METADATA } from '@nestjs/common/constants';
import { contractOf } from '@holdfast/platform/temporal/implements';
import type { ActivityTerms } from '@holdfast/platform/workflow-kit';
import { catalog } from '@holdfast/workflows/catalog';
import { DOMAINS } from '../../apps/api/main';
import { WorkerApp } from '../../apps/worker/main';

const root = join(__dirname, '../..');
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

interface Registered {
  readonly imports?: readonly unknown[];
  readonly providers?: readonly unknown[];
  readonly module?: object;
}

/** Every class that the modules of an application provide, modules of modules included. */
function providersOf(module: unknown, seen = new Set<unknown>()): object[] {
  if (seen.has(module) || module === null || (typeof module !== 'object' && typeof module !== 'function')) return [];
  seen.add(module);
  const dynamic = module as Registered;
  const read = (key: string): unknown[] =>
    typeof module === 'function' ? ((Reflect.getMetadata(key, module) as unknown[] | undefined) ?? []) : [];
  const imports = [
    ...read(MODULE_METADATA.IMPORTS),
    ...(dynamic.imports ?? []),
    ...(dynamic.module ? [dynamic.module] : []),
  ];
  const providers = [...read(MODULE_METADATA.PROVIDERS), ...(dynamic.providers ?? [])];
  return [
    ...providers.filter((one): one is object => typeof one === 'function'),
    ...imports.flatMap((one) => providersOf(one, seen)),
  ];
}

const contracts = Object.entries(catalog).map(([key, contract]) => ({
  key,
  name: contract.name,
  activities: contract.activities as unknown as Record<string, ActivityTerms<never>>,
}));
const implementationsOf = (modules: readonly unknown[]) =>
  [...new Set(modules.flatMap((module) => providersOf(module)))].flatMap((provider) => {
    const contract = contractOf(provider);
    return contract
      ? [{ name: contract.name, provider: provider as { prototype: Record<string, unknown>; name: string } }]
      : [];
  });
/** What each process runs: the API polls the queue of intake alone. */
const implementations = { worker: implementationsOf([WorkerApp]), api: implementationsOf(DOMAINS) };

describe.each(contracts)('the workflow $name', ({ key, name, activities }) => {
  it('is exported by its workflow file, in a folder of its own', async () => {
    expect(name).toBe(key);
    const exported = (await import('@holdfast/workflows')) as Record<string, unknown>;
    expect(typeof exported[name]).toBe('function');
    const folders = readdirSync(join(root, 'workflows'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const own = folders.map((domain) => join(root, 'workflows', domain.name, kebab(name))).filter(existsSync);
    expect(own).toHaveLength(1);
    expect(readdirSync(own[0]!).sort()).toEqual(expect.arrayContaining(['contract.ts', `${kebab(name)}.workflow.ts`]));
  });

  it('has each of its activities implemented once, in the process that polls their queue', () => {
    const inApi = Object.values(activities).every(({ queue }) => queue === 'intake');
    const of = (process: keyof typeof implementations) => implementations[process].filter((one) => one.name === name);
    const by = of(inApi ? 'api' : 'worker');
    expect(by.map(({ provider }) => provider.name)).toHaveLength(1);
    expect(of(inApi ? 'worker' : 'api')).toEqual([]);
    for (const activity of Object.keys(activities))
      expect([activity, typeof by[0]!.provider.prototype[activity]]).toEqual([activity, 'function']);
  });

  it('says what a repeat of each activity does, and where it runs', () => {
    for (const [activity, { repeat, queue, local, heartbeat, startToClose }] of Object.entries(activities)) {
      expect([activity, repeat.length > 10]).toEqual([activity, true]);
      // A local activity runs in the workflow's own worker, which polls the control queue, and cannot heartbeat.
      if (local) expect([activity, queue, heartbeat]).toEqual([activity, 'control', undefined]);
      if (/^\d+(h|m)$/.test(String(startToClose)) && startToClose !== '1m')
        expect([activity, typeof heartbeat]).toEqual([activity, 'string']);
    }
  });

  it('has a recorded history', () => {
    const folder = join(root, 'test/replay', name);
    const recorded = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
    expect([name, recorded.length > 0]).toEqual([name, true]);
  });
});

it('no provider implements a contract that the catalog does not list', () => {
  const listed = contracts.map(({ name }) => name);
  const implemented = [...implementations.api, ...implementations.worker];
  expect(implemented.map(({ name }) => name).filter((name) => !listed.some((one) => one === name))).toEqual([]);
});
