import { createHash } from 'node:crypto';
import { canonicalDigest } from '@holdfast/domains/tracking/intake/hashing';

/** What is different about events of a run. */
export interface EventForm {
  /** Beginning of their type, which may have a contract. */
  readonly type?: string;
  /** Whether their data names a customer, by id, e-mail address and phone number: the same for both events of an order. */
  readonly personal?: boolean;
  /** Whether they carry the checksum of their data. */
  readonly digest?: boolean;
}

/** One event of about 500 bytes as NDJSON; `number` makes it unique within a run. */
export function eventLine(run: string, number: number, { type = 'order', personal, digest }: EventForm = {}): string {
  const stage = number % 2 === 0 ? 'shop' : 'erp';
  const order = number >> 1;
  const at = new Date(Date.UTC(2026, 10, 20) + number * 7).toISOString();
  const noise = createHash('sha256').update(`${run}${number}`).digest('hex');
  const customer = personal
    ? `"customerId":"C-${run}-${order}","email":"c${order}.${run}@mail.example","phone":"+49151${String(order).padStart(7, '0')}"`
    : `"customer":"${noise}"`;
  const data = `{"amount":${(number % 100_000) / 100},"currency":"EUR",${customer},"lines":[{"sku":"${noise.slice(0, 12)}","quantity":2,"price":12.5},{"sku":"${noise.slice(12, 24)}","quantity":1,"price":3.75}],"note":"deliver in the morning"}`;
  const sum = digest ? `"digest":"sha-256:${canonicalDigest(JSON.parse(data))}",` : '';
  return `{"id":"${stage}-${run}-${number}","source":"${stage}","process":"order-to-cash","stage":"${stage}","key":"ORD-${run}-${order}","type":"${type}.${stage}","occurredAt":"${at}","originAt":"${at}","correlationId":"${noise.slice(0, 32)}","sequence":${number},${sum}"data":${data}}\n`;
}

/** What the events' data are held to, with `type` before their stage. */
export const CONTRACT = {
  owner: 'shop-team',
  enforcement: 'quarantine',
  schema: {
    type: 'object',
    properties: {
      amount: { type: 'number', minimum: 0 },
      currency: { enum: ['EUR', 'USD'] },
      customer: { type: 'string', minLength: 1, maxLength: 100 },
      customerId: { type: 'string', pattern: '^C-' },
      email: { type: 'string', maxLength: 320 },
      phone: { type: 'string', maxLength: 30 },
      lines: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            sku: { type: 'string', pattern: '^[0-9a-f]{12}$' },
            quantity: { type: 'integer', minimum: 1 },
            price: { type: 'number', minimum: 0 },
          },
          required: ['sku', 'quantity', 'price'],
        },
      },
      note: { type: 'string', maxLength: 1000 },
    },
    required: ['amount', 'currency', 'lines'],
  },
} as const;

const PLACE = '#'.repeat(10);

/** Unique events without end, at a copy of a chunk each: who makes them by the million must not take the time of what is measured. */
export class EventSource {
  private readonly template: Buffer;
  private readonly places: number[] = [];
  private next = 0;

  /** @param run names them, and their keys. @param perChunk how many lines a chunk has */
  constructor(
    run: string,
    readonly perChunk = 500,
  ) {
    const lines = Array.from({ length: perChunk }, (_, number) => {
      const event = JSON.parse(eventLine(run, number)) as Record<string, unknown>;
      return `${JSON.stringify({ ...event, id: `${run}-${PLACE}`, key: `ORD-${run}-${PLACE}` })}\n`;
    });
    this.template = Buffer.from(lines.join(''));
    for (let at = this.template.indexOf(PLACE); at >= 0; at = this.template.indexOf(PLACE, at + 1))
      this.places.push(at);
  }

  /** How many events were made so far. */
  get made(): number {
    return this.next;
  }

  chunk(): Buffer {
    const chunk = Buffer.from(this.template);
    for (let line = 0; line < this.perChunk; line++, this.next++) {
      const digits = String(this.next).padStart(PLACE.length, '0');
      chunk.write(digits, this.places[line * 2]!, 'latin1');
      chunk.write(digits, this.places[line * 2 + 1]!, 'latin1');
    }
    return chunk;
  }
}
