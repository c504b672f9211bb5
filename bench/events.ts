import { createHash } from 'node:crypto';

/** One event of about 500 bytes as NDJSON; `number` makes it unique within a run. */
export function eventLine(run: string, number: number): string {
  const stage = number % 2 === 0 ? 'shop' : 'erp';
  const at = new Date(Date.UTC(2026, 10, 20) + number * 7).toISOString();
  const noise = createHash('sha256').update(`${run}${number}`).digest('hex');
  return `{"id":"${stage}-${run}-${number}","source":"${stage}","process":"order-to-cash","stage":"${stage}","key":"ORD-${run}-${number >> 1}","type":"order.${stage}","occurredAt":"${at}","originAt":"${at}","correlationId":"${noise.slice(0, 32)}","sequence":${number},"data":{"amount":${(number % 100_000) / 100},"currency":"EUR","customer":"${noise}","lines":[{"sku":"${noise.slice(0, 12)}","quantity":2,"price":12.5},{"sku":"${noise.slice(12, 24)}","quantity":1,"price":3.75}],"note":"deliver in the morning"}}\n`;
}

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
