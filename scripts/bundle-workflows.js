const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { bundleWorkflowCode } = require('@temporalio/worker');

/** Makes dist/workflow-bundle.js from the built workflows: the bundler ignores path aliases, the build has rewritten them. */
const dist = join(__dirname, '../dist');
const quiet = { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error };
bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows/index.js'),
  workflowInterceptorModules: [join(dist, 'libs/platform/workflow-kit/trace.js')],
  logger: quiet,
}).then(
  ({ code }) => writeFileSync(join(dist, 'workflow-bundle.js'), code),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
