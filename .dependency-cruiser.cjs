/** Imports point one way: kernel <- {platform, core} <- contract <- {workflow | store <- activities, service <- controller} <- apps. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', 'Acyclic, file by file.', {}, { circular: true }),
    forbid(
      'kernel-is-the-bottom',
      'The kernel imports nothing of ours.',
      { path: '^libs/kernel' },
      { path: '^(libs/(platform|domains)|workflows|apps)' },
    ),
    forbid(
      'platform-knows-no-domain',
      'Platform parts serve any domain.',
      { path: '^libs/platform' },
      { path: '^(libs/domains|workflows|apps)' },
    ),
    forbid(
      'core-is-pure',
      'Decisions import the kernel and other cores only: they run inside workflows.',
      { path: '^libs/domains/[^/]+/core', pathNot: '\\.spec\\.ts$' },
      { pathNot: '^libs/(kernel|domains/[^/]+/core)' },
    ),
    forbid(
      'contracts-hold-types',
      'A contract imports kernel, workflow-kit, cores, other contracts and the workflow SDK.',
      { path: '^workflows/.+/contract\\.ts$' },
      {
        pathNot:
          '^(libs/kernel|libs/platform/workflow-kit|libs/domains/[^/]+/core|workflows/.+/contract\\.ts$|node_modules/@temporalio/(workflow|common))',
      },
    ),
    forbid(
      'workflows-are-deterministic',
      'A workflow imports what is safe inside one, parts of itself from its own folder, and what another one is started by as a child.',
      { path: '^workflows/([^/]+/[^/]+)/[^/]+(\\.workflow|as-child)\\.ts$' },
      {
        pathNot:
          '^(libs/kernel|libs/platform/workflow-kit|libs/domains/[^/]+/core|workflows/.+/(contract|as-child)\\.ts$|workflows/$1/[^/]+\\.workflow\\.ts$|node_modules/@temporalio/(workflow|common))',
      },
    ),
    forbid(
      'workflow-kit-is-bundled',
      'What workflows import stays small.',
      { path: '^libs/platform/workflow-kit' },
      { pathNot: '^(libs/kernel|libs/platform/workflow-kit|node_modules/@temporalio/(workflow|common))' },
    ),
    forbid(
      'domains-keep-their-store',
      'Another domain is reached through its service, its core or a contract.',
      { path: '^libs/domains/([^/]+)/' },
      {
        path: '^libs/domains/([^/]+)/',
        pathNot: ['^libs/domains/$1/', '^libs/domains/[^/]+/core/', '\\.(service|module|schemas)\\.ts$'],
      },
    ),
    forbid('domains-know-no-app', 'Apps compose domains.', { path: '^(libs|workflows)' }, { path: '^apps' }),
    forbid(
      'controllers-speak-http',
      'A controller calls its service, never a store.',
      { path: '\\.controller\\.ts$' },
      { path: '\\.store\\.ts$' },
    ),
    forbid(
      'services-do-not-run-activities',
      'Services and activities meet in stores and contracts.',
      { path: '\\.service\\.ts$' },
      { path: '\\.(activities|controller)\\.ts$' },
    ),
    forbid(
      'no-orphans',
      'Every module is used.',
      { orphan: true, pathNot: '(\\.d\\.ts|main\\.ts|\\.spec\\.ts|/index\\.ts)$' },
      {},
    ),
    forbid(
      'declared-dependencies',
      'What is imported is in package.json.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'require', 'import'],
    },
  },
};
