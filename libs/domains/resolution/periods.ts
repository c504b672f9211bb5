import { DomainError, type Micros } from '@holdfast/kernel';
import { Temporal } from 'temporal-polyfill';
import type { PeriodKind, Span } from './core/gate';

/** A period by its name: `2026-11-20`, `2026-11`, `2026-Q4`. */
const FORMS: readonly (readonly [PeriodKind, RegExp])[] = [
  ['day', /^(\d{4})-(\d\d)-(\d\d)$/],
  ['month', /^(\d{4})-(\d\d)$/],
  ['quarter', /^(\d{4})-Q([1-4])$/],
];

/** Its kind. @throws DomainError `invalid` when it is no period */
export function kindOfPeriod(period: string): PeriodKind {
  for (const [kind, form] of FORMS) if (form.test(period) && spanIn(period, kind, 'UTC')) return kind;
  throw new DomainError('invalid', 'invalid_period', 'is no period', {
    fields: [{ field: 'period', reason: 'must be a day (2026-11-20), a month (2026-11) or a quarter (2026-Q4)' }],
  });
}

/** From the first instant of the period in a zone to the first after it: days of 23 and 25 hours too. */
export function spanOf(period: string, zone: string): Span {
  return spanIn(period, kindOfPeriod(period), zone)!;
}

function spanIn(period: string, kind: PeriodKind, zone: string): Span | undefined {
  const [, year, second, third] = FORMS.find(([of]) => of === kind)![1]
    .exec(period)!
    .map(Number);
  const month = kind === 'quarter' ? (second! - 1) * 3 + 1 : second!;
  try {
    const first = Temporal.PlainDate.from({ year: year!, month, day: third ?? 1 }, { overflow: 'reject' });
    const length = kind === 'day' ? { days: 1 } : { months: kind === 'month' ? 1 : 3 };
    const at = (date: Temporal.PlainDate): Micros => date.toZonedDateTime(zone).startOfDay().epochMilliseconds * 1000;
    return { from: at(first), to: at(first.add(length)) };
  } catch {
    return undefined;
  }
}
