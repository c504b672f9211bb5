import type { Masker } from '@holdfast/domains/privacy/privacy.service';

/** What of an archived record is shown. */
interface Shown {
  readonly key: string;
  readonly correlationId: string;
  readonly data: string;
}

/** A record as the privacy policy of today has people see it, whatever policy it was stored under. @param masker undefined while there is no policy */
export function masked<T extends Shown>(record: T, masker: Masker | undefined): T {
  if (!masker) return record;
  const { key, correlationId, data } = record;
  return {
    ...record,
    key: masker.identifier('key', key),
    correlationId: masker.identifier('correlationId', correlationId),
    data: maskedData(data, masker),
  };
}

/** What was quarantined need not be JSON: nothing of that is shown. */
function maskedData(data: string, masker: Masker): string {
  if (data === '') return data;
  try {
    return masker.mask(Buffer.from(data)).data.toString('utf8');
  } catch {
    return '';
  }
}
