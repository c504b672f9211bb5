const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** Builds unless dist/ is newer than every source: a fresh clone needs no extra command, a second start costs nothing. */
const root = join(__dirname, '..');
const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(statSync(path).mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
    : statSync(path).mtimeMs;
const sources = ['apps', 'libs', 'workflows', 'bench', 'clickhouse', 'package.json', 'tsconfig.json'].map((name) =>
  join(root, name),
);
const bundle = join(root, 'dist/workflow-bundle.js');
if (!existsSync(bundle) || statSync(bundle).mtimeMs < Math.max(...sources.filter(existsSync).map(newest))) {
  console.error('building ...');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}
