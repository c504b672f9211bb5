import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { acquire, NotAcquiredError, type Artifact, type Source } from './acquisition';
import { cacheDirectory } from './cache';
import { acquireTemporal, checkServerVersion, TEMPORAL_CLI_VERSION } from './temporal-cli';

let cache: string;
const environment = { ...process.env };

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'holdfast-cache-'));
  process.env['XDG_CACHE_HOME'] = cache;
});

afterEach(() => {
  process.env['PATH'] = environment['PATH'];
  if (environment['XDG_CACHE_HOME'] === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = environment['XDG_CACHE_HOME'];
  rmSync(cache, { recursive: true, force: true });
});

function script(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

const makes = (name: string, text: string, calls: string[] = []): Source => ({
  name,
  obtain: async ({ into }) => {
    calls.push(name);
    script(join(into, 'tool'), text);
  },
});

const fails = (name: string, reason: string): Source => ({
  name,
  obtain: async ({ into, scratch }) => {
    writeFileSync(join(into, 'half'), '');
    writeFileSync(join(scratch, 'kept'), '');
    throw new Error(reason);
  },
});

/** Works when its text says so. */
const tool = (sources: Source[]): Artifact => ({
  title: 'tool',
  folder: 'tool',
  version: '1.0',
  executable: 'tool',
  sources,
  advice: 'Install the tool.',
  verify: async (path) => {
    if (!readFileSync(path, 'utf8').includes('good')) throw new Error('does not run');
  },
});

describe('getting a program', () => {
  it('takes the first source that works, and the cached program ever after', async () => {
    const calls: string[] = [];
    const artifact = tool([fails('shop', 'closed'), makes('forge', 'good', calls), makes('other', 'good', calls)]);
    const path = await acquire(artifact);
    expect(path).toBe(join(cache, 'holdfast/tool/1.0/tool'));
    expect(readFileSync(path, 'utf8')).toBe('good');
    expect(await acquire(artifact)).toBe(path);
    expect(calls).toEqual(['forge']);
    expect(readdirSync(join(cache, 'holdfast/tool'))).toEqual(['1.0']);
  });

  it('does not take what does not run, and lists all that was tried', async () => {
    const attempt = acquire(tool([makes('forge', 'bad'), fails('shop', 'closed')]));
    await expect(attempt).rejects.toThrow(NotAcquiredError);
    await expect(attempt).rejects.toThrow(
      /^no tool could be obtained; tried:\n {2}- cached at .*: not there\n {2}- forge: does not run\n {2}- shop: closed\nInstall the tool\.$/,
    );
    expect(readdirSync(join(cache, 'holdfast/tool'))).toEqual(['scratch']);
    expect(readdirSync(join(cache, 'holdfast/tool/scratch'))).toEqual(['kept']);
  });

  it('replaces a cached program that does not run any more', async () => {
    script(join(cache, 'holdfast/tool/1.0/tool'), 'bad');
    expect(readFileSync(await acquire(tool([makes('forge', 'good')])), 'utf8')).toBe('good');
  });

  it('is given up when it is told so, and no other source is tried', async () => {
    const calls: string[] = [];
    const interrupted = new AbortController();
    const endless: Source = {
      name: 'endless',
      obtain: ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(new Error('ended')));
          interrupted.abort();
        }),
    };
    const attempt = acquire(tool([endless, makes('forge', 'good', calls)]), { signal: interrupted.signal });
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toEqual([]);
    expect(readdirSync(join(cache, 'holdfast/tool'))).toEqual(['scratch']);
  });

  it('clears what an attempt left that was killed', async () => {
    script(join(cache, 'holdfast/tool/new-1/tool'), 'half');
    await acquire(tool([makes('forge', 'good')]));
    expect(existsSync(join(cache, 'holdfast/tool/new-1'))).toBe(false);
  });

  it('works once for all that ask at the same time, and tells the others', async () => {
    const calls: string[] = [];
    const told: string[] = [];
    const artifact = tool([makes('forge', 'good', calls)]);
    const onProgress = (message: string): void => void told.push(message);
    const paths = await Promise.all([1, 2, 3].map(() => acquire(artifact, { onProgress })));
    expect(new Set(paths).size).toBe(1);
    expect(calls).toEqual(['forge']);
    expect(
      told.filter((line) => line === `waiting for process ${process.pid}, which is getting the tool, 0 s`),
    ).toHaveLength(2);
    expect(told).toContain('getting the tool 1.0: forge');
  });
});

describe('the cache', () => {
  it('is under the user cache directory, and a relative one is ignored', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/holdfast');
    expect(cacheDirectory({ XDG_CACHE_HOME: 'cache' })).toMatch(/\/\.cache\/holdfast$/);
    expect(cacheDirectory({})).toMatch(/\/\.cache\/holdfast$/);
  });
});

describe('the Temporal CLI', () => {
  const says = (server: string): string => `#!/bin/sh\necho 'temporal version 1.0.0 (Server ${server}, UI 2.0.0)'\n`;

  it('is the one on PATH when its server is new enough', async () => {
    script(join(cache, 'bin/temporal'), says('1.31.0'));
    process.env['PATH'] = join(cache, 'bin');
    expect(await acquireTemporal()).toBe(join(cache, 'bin/temporal'));
  });

  it('is the cached one when the one on PATH is too old, and says so', async () => {
    const cached = join(cache, `holdfast/temporal/${TEMPORAL_CLI_VERSION}/temporal`);
    script(join(cache, 'bin/temporal'), says('1.20.0'));
    script(cached, says('1.29.1'));
    process.env['PATH'] = join(cache, 'bin');
    const told: string[] = [];
    expect(await acquireTemporal({ onProgress: (message) => told.push(message) })).toBe(cached);
    expect(told).toEqual([`not using ${join(cache, 'bin/temporal')}: its server 1.20 is older than 1.28`]);
  });

  it('is judged by its server', () => {
    expect(() => checkServerVersion('temporal version 0.0.0-DEV (Server 1.28.0, UI 2)')).not.toThrow();
    expect(() => checkServerVersion('temporal version 3.0.0 (Server 2.0.0, UI 2)')).not.toThrow();
    expect(() => checkServerVersion('temporal version 9.0.0 (Server 1.27.9, UI 2)')).toThrow('older');
    expect(() => checkServerVersion('tctl 1.18')).toThrow('not a Temporal CLI');
  });
});
