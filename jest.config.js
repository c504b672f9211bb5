const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  // Packages that ship ES modules only.
  transformIgnorePatterns: [
    'node_modules/(?!(@nestjs|file-type|strtok3|token-types|@tokenizer|uint8array-extras|jose|load-esm|cookie|temporal-polyfill|temporal-utils|@hpcc-js|hyparquet)/)',
  ],
  moduleNameMapper: {
    '^@holdfast/kernel$': '<rootDir>/libs/kernel',
    '^@holdfast/platform/(.*)$': '<rootDir>/libs/platform/$1',
    '^@holdfast/domains/(.*)$': '<rootDir>/libs/domains/$1',
    '^@holdfast/workflows$': '<rootDir>/workflows',
    '^@holdfast/workflows/(.*)$': '<rootDir>/workflows/$1',
  },
};

/** Projects that run built processes or the workflow bundle build first, so that no test runs a stale one. */
const built = { ...shared, globalSetup: '<rootDir>/test/build.js' };
const project = (displayName, base, ...folders) => ({
  ...base,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.spec.ts`),
});

module.exports = {
  // Suites start engines and servers of their own: two at a time fit two cores.
  maxWorkers: 2,
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/test/closing-line.js'],
  projects: [
    project('unit', shared, 'libs', 'apps', 'workflows'),
    project('property', shared, 'test/property'),
    project('architecture', built, 'test/architecture'),
    project('workflow', built, 'test/workflow'),
    project('replay', built, 'test/replay'),
    project('conformance', built, 'test/conformance'),
    project('integration', built, 'test/integration'),
    project('intake', built, 'test/intake'),
    project('faults', built, 'test/faults'),
    project('stores', built, 'test/stores'),
  ],
};
