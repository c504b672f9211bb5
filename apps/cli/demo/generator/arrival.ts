import type { Order } from './order';
import { Random } from './random';
import type { Step } from './step';

/** Orders of a day whose events may be on their way at once. */
const HORIZON = 2048;

/** A record on its way. It is written when it arrives: texts that wait would keep the garbage collector busy for longer than everything else takes. */
export interface Sent {
  readonly order: Order;
  readonly step: Step;
  readonly reordered: boolean;
}

/**
 * Brings records out of order, as networks do, but never by more than {@link HORIZON} orders: what is on its way stays in memory. Most events keep the order
 * of the stages; some come before those that caused them, and some long after their time.
 */
export class Arrival {
  private readonly slots: Sent[][] = Array.from({ length: HORIZON }, () => []);
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'arrival');
  }

  /** Sends a record when the order of this index happens. */
  send(index: number, order: Order, step: Step, reordered = false): void {
    this.slots[slot(index + this.distance(step))]!.push({ order, step, reordered });
  }

  /** Takes what arrives when the order of this index happens, after all that was sent then. */
  arrived(index: number): readonly Sent[] {
    const at = slot(index);
    const sent = this.slots[at]!;
    if (sent.length > 0) this.slots[at] = [];
    return sent;
  }

  /** Takes what is still on its way after the order of this index. */
  *rest(index: number): Iterable<Sent> {
    for (let later = index + 1; later < index + HORIZON; later++) yield* this.arrived(later);
  }

  private distance({ stage }: Step): number {
    const draw = this.random.next();
    const [kind, far] = [draw % 100, draw >>> 7];
    if (kind < 2) return far % HORIZON;
    if (kind < 5) return far % 16;
    if (stage === 'shop') return far % 64;
    return stage === 'hub' ? 32 + (far % 128) : 64 + (far % 512);
  }
}

const slot = (index: number): number => ((index % HORIZON) + HORIZON) % HORIZON;
