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

/**
 * What the records of one batch are kept as. Those of a process are kept alike, also while its class is being changed: they tell each other's origins, and so have to
 * be there together or not at all. Tests and probes tell nothing.
 */
export class BatchClasses {
  private readonly ofProcess = new Map<string, RecordClass>();

  of({ process, class: own }: { readonly process: string; readonly class: RecordClass }): RecordClass {
    if (own === 'test') return own;
    const found = this.ofProcess.get(process);
    if (found) return found;
    this.ofProcess.set(process, own);
    return own;
  }
}
