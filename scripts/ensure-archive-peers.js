const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, renameSync, rmSync } = require('node:fs');
const { homedir } = require('node:os');
const { delimiter, isAbsolute, join } = require('node:path');

/**
 * Gets what tests of archives talk to: versitygw (S3 with object locks) by the Go toolchain, moto (the API of AWS KMS) and pyarrow (another reader of Parquet) by
 * pip, SoftHSM by packages of Debian, each into the cache. Prints where they are as JSON.
 */
const base = isAbsolute(process.env.XDG_CACHE_HOME ?? '') ? process.env.XDG_CACHE_HOME : join(homedir(), '.cache');
const cache = join(base, 'holdfast', 'archive-peers');
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const PACKAGES = ['moto[server]==5.2.5', 'pyarrow==26.0.1'];

const say = (text) => process.stderr.write(`${text}\n`);
const onPath = (program) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, program))
    .find(existsSync);
function run(command, args, env = {}, cwd = undefined) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env }, cwd });
  } catch (error) {
    const last = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .at(-1);
    throw new Error(`${command} ${args[0]}: ${last}`);
  }
}

/** Packages of Debian, unpacked and not installed: SoftHSM is a library and the program that makes tokens. */
function softhsm() {
  const place = made('softhsm', 'usr/bin/softhsm2-util', (draft) => {
    say('softhsm2: getting packages');
    const [lists, debs] = [join(cache, 'lists'), join(cache, 'debs')];
    for (const folder of [join(lists, 'partial'), debs]) mkdirSync(folder, { recursive: true });
    const options = ['-o', `Dir::State::Lists=${lists}`, '-o', 'APT::Sandbox::User=', '-o', `Dir::Cache=${cache}`];
    run('apt-get', [...options, 'update']);
    run('apt-get', [...options, 'download', 'softhsm2', 'libsofthsm2', 'softhsm2-common', 'libbotan-2-19'], {}, debs);
    for (const file of readdirSync(debs).filter((one) => one.endsWith('.deb')))
      run('dpkg', ['-x', join(debs, file), draft]);
    rmSync(debs, { recursive: true, force: true });
  });
  return {
    library: join(place, 'usr/lib/softhsm/libsofthsm2.so'),
    program: join(place, 'usr/bin/softhsm2-util'),
    libraries: join(place, 'usr/lib/x86_64-linux-gnu'),
  };
}

/** The client of PKCS #11 has a native part, which `npm ci --ignore-scripts` leaves out. */
function buildPkcs11() {
  const root = join(__dirname, '..');
  if (!existsSync(join(root, 'node_modules/pkcs11js/build/Release/pkcs11.node')))
    run('npm', ['rebuild', 'pkcs11js'], {}, root);
}

/** Makes something in a draft that takes its place once it is whole. */
function made(name, isThere, make) {
  const place = join(cache, name);
  if (existsSync(join(place, isThere))) return place;
  const draft = `${place}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    make(draft);
    rmSync(place, { recursive: true, force: true });
    renameSync(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
}

function versitygw() {
  const found = onPath('versitygw');
  if (found) return found;
  const place = made('go', 'versitygw', (draft) => {
    say('versitygw: building it, which takes a few minutes');
    run('go', ['install', VERSITYGW], { GOBIN: draft });
  });
  return join(place, 'versitygw');
}

function python() {
  // A virtual environment does not move: it is made where it stays, and said to be whole at the end.
  const place = join(cache, 'python');
  const program = join(place, 'bin', 'python3');
  const whole = join(place, 'whole');
  if (existsSync(whole)) return program;
  say(`getting ${PACKAGES.join(', ')}`);
  rmSync(place, { recursive: true, force: true });
  run('python3', ['-m', 'venv', place]);
  run(program, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  mkdirSync(whole);
  return program;
}

try {
  mkdirSync(cache, { recursive: true });
  buildPkcs11();
  process.stdout.write(`${JSON.stringify({ versitygw: versitygw(), python: python(), softhsm: softhsm() })}\n`);
} catch (error) {
  say(`archives cannot be tested against peers: ${error.message}`);
  process.exitCode = 1;
}
