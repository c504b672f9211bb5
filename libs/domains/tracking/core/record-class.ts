import type { RetentionClass } from '@holdfast/domains/catalog/core/process';

/** What a record is kept as: the class of its process, but for tests and probes, and for what is in quarantine. */
export type RecordClass = RetentionClass | 'test' | 'quarantine';

/** Values of the table's enum. At most eight: an insert makes a part for each class that it holds (docs/adr/0012). */
export const RECORD_CLASSES = {
  standard: 1,
  test: 2,
  quarantine: 3,
  short: 4,
  financial: 5,
  audit: 6,
} as const satisfies Record<RecordClass, number>;
