import { audit } from './audit';
import { auditCost } from './audit-cost';
import type { Benchmark } from './benchmark';
import { archive } from './archive';
import { diff } from './diff';
import { duplicates } from './duplicates';
import { escalations } from './escalations';
import { hold } from './hold';
import { purge } from './purge';
import { ingest } from './ingest';
import { masking } from './masking';
import { memory } from './memory';
import { onCall } from './on-call';
import { pageBench } from './page';
import { reconcile } from './reconcile';
import { reconcileCurve } from './reconcile-curve';
import { rules } from './rules';
import { singles } from './singles';
import { start } from './start';
import { storage } from './storage';

const benchmarks: readonly Benchmark[] = [
  ingest,
  singles,
  duplicates,
  memory,
  masking,
  storage,
  reconcile,
  reconcileCurve,
  onCall,
  rules,
  hold,
  purge,
  pageBench,
  escalations,
  audit,
  auditCost,
  start,
  diff,
  archive,
];

/** `npm run bench -- NAME [--option value ...]`: one line of JSON on standard output, progress on standard error. */
async function main([name, ...rest]: readonly string[]): Promise<void> {
  const benchmark = benchmarks.find((one) => one.name === name);
  if (!benchmark) {
    console.error(
      `usage: npm run bench -- NAME [--option value ...]\n${benchmarks.map((one) => `  ${one.name.padEnd(16)}${one.about}`).join('\n')}`,
    );
    process.exitCode = 2;
    return;
  }
  const options: Record<string, string> = {};
  for (let at = 0; at < rest.length; at += 2) options[rest[at]!.replace(/^--/, '')] = rest[at + 1] ?? '';
  console.log(JSON.stringify({ bench: benchmark.name, ...(await benchmark.run(options)) }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
