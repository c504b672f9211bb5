import { agreedText, type FieldPlan } from '@holdfast/domains/tracking/core/agreed';
import { parseExact } from '@holdfast/domains/tracking/core/exact-json';

/** The agreed fields of an event's data as they would be stored today. @param data JSON text */
export const agreedValues = (data: string, plans: readonly FieldPlan[]): unknown[] =>
  JSON.parse(agreedText(parseExact(data) as Record<string, unknown>, plans)) as unknown[];
