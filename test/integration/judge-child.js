'use strict';
// Judges a window in a process of its own, as the worker does, and stands still once it has told of so many segments: then it can be killed at a place that is known.
const { writeSync } = require('node:fs');
const { ClickHouse } = require('../../dist/libs/platform/clickhouse');
const { EvidenceStore } = require('../../dist/libs/domains/reconciliation/evidence.store');
const { Judge } = require('../../dist/libs/domains/reconciliation/judge');
const { ReconciliationStore } = require('../../dist/libs/domains/reconciliation/reconciliation.store');

const {
  address,
  window,
  reconciliation,
  process: definition,
  deadline,
  from,
  standStillAt,
} = JSON.parse(process.argv[2]);
const clickhouse = new ClickHouse(address);
let told = 0;
const save = (progress) => {
  writeSync(1, `${JSON.stringify({ progress })}\n`);
  if (told++ === standStillAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

new Judge(new EvidenceStore(clickhouse), new ReconciliationStore(clickhouse))
  .judge(window, reconciliation, definition, deadline, { signal: new AbortController().signal, from, save })
  .then((finding) => {
    writeSync(1, `${JSON.stringify({ finding })}\n`);
    process.exit(0);
  });
