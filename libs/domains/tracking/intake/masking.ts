import type { ReadyContract } from '@holdfast/domains/contracts/contracts.service';
import type { Masker } from '@holdfast/domains/privacy/privacy.service';
import type { ReadRecord } from './read-record';

/** What is personal in a record as it is stored. */
export interface Personal {
  /** Regulatory categories, joined by commas; '' for none. */
  readonly categories: string;
  /** How much the record tells of a person, at most. */
  readonly sensitivity: string;
}
export const NOTHING_PERSONAL: Personal = { categories: '', sensitivity: 'public' };

/** A record as it may be stored: personal data of its data, attributes, key and correlation id replaced as the policy says. */
export function maskRecord(
  record: ReadRecord,
  masker: Masker | undefined,
  contract: ReadyContract | undefined,
): { readonly record: ReadRecord; readonly personal: Personal } {
  if (!masker) return { record, personal: NOTHING_PERSONAL };
  const { data, categories, sensitivity } = masker.mask(record.data, record.values, contract?.classes);
  const { event } = record;
  const key = masker.identifier('key', event.key);
  const correlationId = masker.identifier('correlationId', event.correlationId);
  const attributes = event.attributes === '' ? '' : masker.mask(Buffer.from(event.attributes)).data.toString();
  const same = key === event.key && correlationId === event.correlationId && attributes === event.attributes;
  return {
    record:
      data === record.data && same
        ? record
        : { ...record, data, event: same ? event : { ...event, key, correlationId, attributes } },
    personal:
      categories.length === 0 && sensitivity === 'public'
        ? NOTHING_PERSONAL
        : { categories: categories.join(), sensitivity },
  };
}
