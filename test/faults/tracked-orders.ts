import { Random } from '../../apps/cli/demo/generator/random';
import { DAY } from './stage';

/** One record as it is sent, and what has to become of it. */
export interface Line {
  readonly text: string;
  readonly is: 'new' | 'duplicate' | 'conflict' | 'rejected';
  /** Source, id and attempt: names the record. */
  readonly record: string;
}

export const STAGES = ['shop', 'hub', 'erp'] as const;
const MINUTES = 30;
/** Orders that are under way at the same time: their records arrive mixed. */
const AT_ONCE = 40;
const START = Date.parse(`${DAY}T12:00:00Z`);

/** The window that holds all orders. */
export const ORDERS_WINDOW = {
  from: `${DAY}T12:00:00Z`,
  to: new Date(START + MINUTES * 60_000).toISOString().replace('.000', ''),
};

/**
 * Orders without end that pass through three stages, with everything that makes an intake correct what it stored before: attempts that fail and are
 * followed by better ones, stages that do not know the order's time and come before the one that does, records that are sent twice, sent with another
 * payload, or sent to a stage that does not exist.
 */
export class TrackedOrders {
  /** Events that count in the end, by minute of the orders' time. */
  readonly byMinute = new Map<string, number>();
  private readonly random: Random;
  private readonly underWay: Line[][] = [];
  private made = 0;

  constructor(
    private readonly process: string,
    readonly source: string,
    seed: number,
    stream: number,
  ) {
    this.random = new Random(seed, 'arrival').at(stream);
  }

  /** The next records. Once `ends` holds no order is begun any more; none means that all orders are complete. */
  next(most: number, ends: boolean): Line[] {
    const lines: Line[] = [];
    while (lines.length < most) {
      while (!ends && this.underWay.length < AT_ONCE) this.underWay.push(this.order());
      if (this.underWay.length === 0) break;
      const index = this.random.below(this.underWay.length);
      const order = this.underWay[index]!;
      lines.push(order.shift()!);
      if (order.length === 0) this.underWay.splice(index, 1);
    }
    return lines;
  }

  private order(): Line[] {
    const number = ++this.made;
    const at = START + this.random.below(MINUTES * 60_000);
    const minute = new Date(at - (at % 60_000)).toISOString().slice(0, 16);
    this.byMinute.set(minute, (this.byMinute.get(minute) ?? 0) + 1);
    const hubKnows = this.chance(0.6);
    const tell = (stage: string, change: Change = {}) => this.line(number, stage, at, change);
    const [shop, hub, erp] = [tell('shop'), tell('hub', { knowsOrigin: hubKnows }), tell('erp')];
    const erps = this.chance(0.15) ? [tell('erp', { status: 'failed' }), tell('erp', { attempt: 2 })] : [erp];
    // A stage that comes first and does not carry the order's time is counted at its own until the time is known.
    const lines = this.chance(0.3) ? [hub, shop, ...erps] : [shop, hub, ...erps];
    if (this.chance(0.08)) lines.push({ ...lines[0]!, is: 'duplicate' });
    if (this.chance(0.04)) lines.push({ ...tell('shop', { amount: number + 1 }), is: 'conflict' });
    if (this.chance(0.04)) lines.push({ ...tell('nowhere'), is: 'rejected' });
    return lines;
  }

  private line(number: number, stage: string, at: number, change: Change): Line {
    const { attempt = 1, status = 'ok', knowsOrigin = true, amount = number } = change;
    const id = `${stage}-${number}`;
    const record = {
      id,
      source: this.source,
      process: this.process,
      stage,
      key: `${this.source}-${number}`,
      type: `order.${stage}`,
      // Each stage a while after the one before it: never the time of the order.
      occurredAt: new Date(at + 90_000 * (1 + STAGES.indexOf(stage as (typeof STAGES)[number]))).toISOString(),
      ...(knowsOrigin && { originAt: new Date(at).toISOString() }),
      attempt,
      status,
      data: { amount, note: 'x'.repeat(120) },
    };
    return { text: JSON.stringify(record), is: 'new', record: recordOf(this.source, id, attempt) };
  }

  private chance(of: number): boolean {
    return this.random.unit() < of;
  }
}

interface Change {
  readonly attempt?: number;
  readonly status?: 'ok' | 'failed';
  readonly knowsOrigin?: boolean;
  readonly amount?: number;
}

export const recordOf = (source: string, id: string, attempt: number): string => `${source} ${id} ${attempt}`;
