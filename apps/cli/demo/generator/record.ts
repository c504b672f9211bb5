import { writeTime } from './clock';
import { CENTRAL_EUROPE, UTC } from './market';
import type { Order } from './order';
import type { Step } from './step';

export const PROCESS_ID = 'order-to-cash';

const SUFFIXES = { first: '', second: '-2', test: '-t' } as const;
const ERROR = ',"error":"upstream_timeout"';

/**
 * The JSON text of a record. Each system has habits of its own: its zone, its precision, which members with a default it leaves out.
 * Texts are put together by hand: JSON.stringify would take most of the time that a day takes. Nothing in them needs escaping.
 */
export function writeRecord(order: Order, step: Step): string {
  switch (step.stage) {
    case 'shop':
      return writeShop(order, step);
    case 'hub':
      return writeHub(order, step);
    case 'erp':
      return writeErp(order, step);
  }
}

function writeShop({ shop, number, key, originAt, correlationId, customer, lines }: Order, step: Step): string {
  const { event, attempt, status, occurredAt, values } = step;
  const bookedAt = writeTime(values.bookedAt, shop.booksInZone ? shop.zone : UTC, 0);
  return (
    `{"id":"ord-${number}${SUFFIXES[event]}","source":"${shop.source}","process":"${PROCESS_ID}","stage":"shop","key":"${key}",` +
    `"type":"order.placed","occurredAt":"${writeTime(occurredAt, shop.zone, 3)}","originAt":"${writeTime(originAt, shop.zone, 6)}",` +
    `"correlationId":"${correlationId}","sequence":1${attempt > 1 ? `,"attempt":${attempt}` : ''}${status === 'ok' ? '' : `,"status":"${status}"`}` +
    `${event === 'test' ? ',"test":true' : ''},"data":{"customer":"${customer}","channel":"web","currency":"${values.currency}",` +
    `"amount":${values.cents / 100},"quantity":${values.quantity},"bookedAt":"${bookedAt}","lines":${lines}${status === 'failed' ? ERROR : ''}}}`
  );
}

function writeHub({ shop, number, key, originAt, correlationId, customer, lines }: Order, step: Step): string {
  const { event, attempt, status, occurredAt, values } = step;
  const origin = shop.hubCarriesOrigin ? `"originAt":"${writeTime(originAt, UTC, 6)}",` : '';
  return (
    `{"id":"msg-${number}${SUFFIXES[event]}","source":"hub","process":"${PROCESS_ID}","stage":"hub","key":"${key}",` +
    `"type":"order.routed","occurredAt":"${writeTime(occurredAt, UTC, 6)}",${origin}"correlationId":"${correlationId}","sequence":2,` +
    `"attempt":${attempt}${status === 'ok' ? '' : `,"status":"${status}"`}${event === 'test' ? ',"test":true' : ''},` +
    `"data":{"route":"${shop.code}-erp","customer":"${customer}","currency":"${values.currency}","amount":${values.cents / 100},` +
    `"quantity":${values.quantity},"bookedAt":"${writeTime(values.bookedAt, UTC, 0)}","lines":${lines}${status === 'failed' ? ERROR : ''}}}`
  );
}

function writeErp({ shop, number, key, originAt, correlationId, customer, lineCount }: Order, step: Step): string {
  const { event, attempt, status, occurredAt, values } = step;
  const currency = shop.erpLowersCurrency ? values.currency.toLowerCase() : values.currency;
  return (
    `{"id":"doc-${number}${SUFFIXES[event]}","source":"erp","process":"${PROCESS_ID}","stage":"erp","key":"${key}",` +
    `"type":"order.booked","occurredAt":"${writeTime(occurredAt, CENTRAL_EUROPE, 0)}","originAt":"${writeTime(originAt, CENTRAL_EUROPE, 6)}",` +
    `"correlationId":"${correlationId}","sequence":3,"attempt":${attempt},"status":"${status}"${event === 'test' ? ',"test":true' : ''},` +
    `"data":{"document":"${number}","companyCode":"${shop.code}01","customer":"${customer}","ledger":"receivables",` +
    `"currency":"${currency}","amount":${decimal(values.cents)},"quantity":${values.quantity},` +
    `"bookedAt":"${writeTime(values.bookedAt, UTC, 0)}","lineCount":${lineCount},"paymentTerms":"net-14"${status === 'failed' ? ERROR : ''}}}`
  );
}

/** Always with two decimals, where a shop writes 12.5 for 12.50. */
function decimal(cents: number): string {
  const whole = Math.floor(cents / 100);
  const rest = cents - whole * 100;
  return rest < 10 ? `${whole}.0${rest}` : `${whole}.${rest}`;
}

/** The same record by another serializer: members in reverse order, here and in its data. */
export function reorder(record: string): string {
  const value = JSON.parse(record) as Record<string, unknown>;
  const data = reversed(value['data'] as Record<string, unknown>);
  return JSON.stringify(reversed({ ...value, data }));
}

const reversed = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).reverse());
