const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, renameSync, rmSync } = require('node:fs');
const { homedir } = require('node:os');
const { delimiter, isAbsolute, join } = require('node:path');

/**
 * Gets what tests of archives talk to: versitygw (S3 with object locks) by the Go toolchain, moto (the API of AWS KMS) and pyarrow (another reader of Parquet) by
 * pip, each into the cache. Prints where they are as JSON.
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
function run(command, args, env = {}) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  } catch (error) {
    const last = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .at(-1);
    throw new Error(`${command} ${args[0]}: ${last}`);
  }
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
  process.stdout.write(`${JSON.stringify({ versitygw: versitygw(), python: python() })}\n`);
} catch (error) {
  say(`archives cannot be tested against peers: ${error.message}`);
  process.exitCode = 1;
}
