const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync, renameSync } = require('node:fs');
const { homedir } = require('node:os');
const { isAbsolute, join, delimiter } = require('node:path');

/**
 * Gets PostgreSQL and MariaDB for `npm run test:stores` and `npm run bench -- diff`: what is on PATH, or where Debian puts it, or packages of Debian that are
 * unpacked into the cache, without installing anything. Prints the folder of each one's programs as JSON.
 */
const base = isAbsolute(process.env.XDG_CACHE_HOME ?? '') ? process.env.XDG_CACHE_HOME : join(homedir(), '.cache');
const cache = join(base, 'holdfast', 'stores');

const STORES = [
  {
    name: 'postgresql',
    program: 'postgres',
    places: ['/usr/lib/postgresql/15/bin'],
    packages: ['postgresql-15', 'libpq5', 'libllvm14'],
    unpacked: 'usr/lib/postgresql/15/bin',
  },
  {
    name: 'mariadb',
    program: 'mariadbd',
    places: ['/usr/sbin'],
    packages: [
      'mariadb-server-core',
      'mariadb-server',
      'mariadb-client-core',
      'mariadb-common',
      'libaio1',
      'libnuma1',
      'liburing2',
      'libncurses6',
    ],
    unpacked: 'usr/sbin',
  },
];

const say = (text) => process.stderr.write(`${text}\n`);
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });

function found({ program, places }) {
  const path = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return [...places, ...path].find((folder) => existsSync(join(folder, program)));
}

/** Holds the cache while packages are put into it: a directory is made by one process only. */
function withLock(work) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, 'lock');
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (waited > 600) throw new Error(`${lock} is held by somebody else; remove it when nobody is at work`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Downloads the packages and unpacks them side by side. Lists of packages are kept here, so that nothing of the machine changes. */
function unpack({ name, packages }, root) {
  const lists = join(cache, 'lists');
  const debs = join(cache, 'debs', name);
  for (const folder of [join(lists, 'partial'), debs]) mkdirSync(folder, { recursive: true });
  const options = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=', '-o', `Dir::Cache=${cache}`];
  say(`${name}: looking up packages`);
  run('apt-get', [...options, 'update']);
  say(`${name}: getting ${packages.join(', ')}`);
  run('apt-get', [...options, 'download', ...packages], debs);
  const draft = `${root}.draft`;
  rmSync(draft, { recursive: true, force: true });
  for (const file of readdirSync(debs).filter((one) => one.endsWith('.deb')))
    run('dpkg', ['-x', join(debs, file), draft]);
  rmSync(debs, { recursive: true, force: true });
  rmSync(root, { recursive: true, force: true });
  renameSync(draft, root);
}

function ensure(store) {
  const there = found(store);
  if (there) return { folder: there, root: '/' };
  const root = join(cache, store.name);
  const folder = join(root, store.unpacked);
  if (!existsSync(join(folder, store.program))) {
    withLock(() => {
      if (existsSync(join(folder, store.program))) return;
      try {
        unpack(store, root);
      } catch (error) {
        const reason = String(error.stderr ?? error.message)
          .trim()
          .split('\n')
          .at(-1);
        throw new Error(
          `${store.name} is not here (${store.program}), and its packages cannot be had: ${reason}. Install ${store.packages[0]}, or put it on PATH`,
        );
      }
    });
  }
  return { folder, root };
}

try {
  mkdirSync(cache, { recursive: true });
  const stores = Object.fromEntries(STORES.map((store) => [store.name, ensure(store)]));
  const file = join(cache, 'stores.json');
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(stores));
  renameSync(`${file}.${process.pid}`, file);
  process.stdout.write(`${JSON.stringify(stores)}\n`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
