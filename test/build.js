const { execFileSync } = require('node:child_process');

/** Tests run what the build makes. Several projects share one build per run. */
module.exports = () => {
  if (process.env.HOLDFAST_TEST_BUILT) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.env.HOLDFAST_TEST_BUILT = '1';
};
