'use strict';
// Goes on with a comparison in a process of its own, as the worker does, and stands still once it has finished so many segments: then it can be killed at a place that is known.
const { writeSync } = require('node:fs');
const { ClickHouse } = require('../../dist/libs/platform/clickhouse');
const { ComparisonRunner } = require('../../dist/libs/domains/comparisons/comparison-runner');
const { ComparisonsStore } = require('../../dist/libs/domains/comparisons/comparisons.store');

const { address, comparison, connections, standStillAfter } = JSON.parse(process.argv[2]);
let finished = 0;
const told = (segment) => {
  writeSync(1, `${segment}\n`);
  if (++finished === standStillAfter) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

async function main() {
  const runner = new ComparisonRunner(new ComparisonsStore(new ClickHouse(address)), {
    lookUp: (name) => connections[name],
  });
  const terms = { signal: new AbortController().signal, finished: told, segmentRows: 20 };
  await runner.run(comparison, terms);
  process.exit(0);
}
void main();
