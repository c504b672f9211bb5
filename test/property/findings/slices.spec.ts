import { WAITS } from '@holdfast/domains/tracking/intake/committer';
import { NATIVE_INSERT_SECONDS } from '@holdfast/platform/clickhouse';
import { SETTLED } from '@holdfast/domains/findings/inspections/slices';

test('what is inspected was received before all tries of an insert could end', () => {
  const tries = WAITS.reduce((sum, wait) => sum + wait + NATIVE_INSERT_SECONDS * 1_000, 0);
  expect(SETTLED).toBeGreaterThan(tries * 1_000 + 30_000_000); // and time for deciding and encoding the batch
});
