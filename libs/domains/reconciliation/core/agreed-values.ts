import type { AgreedField } from '@holdfast/domains/catalog/core/process';
import { agreedText } from '@holdfast/domains/tracking/core/agreed';
import { parseExact } from '@holdfast/domains/tracking/core/exact-json';

/** The agreed fields of an event's data as they would be stored today. @param data JSON text */
export const agreedValues = (data: string, fields: readonly AgreedField[]): unknown[] =>
  JSON.parse(agreedText(parseExact(data) as Record<string, unknown>, fields)) as unknown[];
