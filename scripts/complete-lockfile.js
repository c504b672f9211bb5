const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * Adds the optional packages of other platforms that npm left out of the lockfile: without them `npm ci` stops there.
 * Run it after each change of the lockfile.
 */
const path = join(__dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const OS = {
  darwin: 'darwin',
  win32: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
};
const CPU = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  wasm32: 'wasm32',
};
const pick = (table, name) =>
  Object.entries(table).find(([token]) => new RegExp(`(^|[-/.])${token}([-.]|$)`).test(name))?.[1];

/** Where Node would look for a dependency of the package at `from`. */
function* places(from, name) {
  for (let base = from; ; base = base.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    yield `${base ? `${base}/` : ''}node_modules/${name}`;
    if (!base) return;
  }
}

let added = 0;
for (const [from, of] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(of.optionalDependencies ?? {})) {
    if ([...places(from, name)].some((place) => lock.packages[place])) continue;
    const version = range.replace(/^[\^~]/, '');
    const os = pick(OS, name);
    const cpu =
      name.includes('gnueabihf') || name.includes('musleabihf') || name.includes('eabi') ? 'arm' : pick(CPU, name);
    lock.packages[`node_modules/${name}`] = {
      version,
      optional: true,
      ...(cpu && { cpu: [cpu] }),
      ...(os && { os: [os] }),
      ...(of.dev && { dev: true }),
    };
    added++;
  }
}
if (added > 0) {
  const { '': root, ...rest } = lock.packages;
  lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
process.stdout.write(`${added} optional packages of other platforms added\n`);
