import { Random } from './random';
import type { Stage } from './step';

/** Orders of a day whose events may be on their way at once. */
const HORIZON = 2048;

/**
 * Brings records out of order, as networks do, but never by more than {@link HORIZON} orders: what is on its way stays in memory. Most events keep the order
 * of the stages; some come before those that caused them, and some long after their time.
 */
export class Arrival {
  private readonly slots: string[][] = Array.from({ length: HORIZON }, () => []);
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'arrival');
  }

  /** Sends a record when the order of this index happens. */
  send(index: number, stage: Stage, record: string): void {
    this.slots[slot(index + this.distance(stage))]!.push(record);
  }

  /** What arrives before the order after this one happens. */
  *arrived(index: number): Iterable<string> {
    const records = this.slots[slot(index)]!;
    yield* records;
    records.length = 0;
  }

  /** What is still on its way after the order of this index. */
  *rest(index: number): Iterable<string> {
    for (let later = index + 1; later < index + HORIZON; later++) yield* this.arrived(later);
  }

  private distance(stage: Stage): number {
    const draw = this.random.next();
    const kind = draw % 100;
    if (kind < 2) return (draw >>> 7) % HORIZON;
    if (kind < 5) return (draw >>> 7) % 16;
    if (stage === 'shop') return (draw >>> 7) % 64;
    return stage === 'hub' ? 32 + ((draw >>> 7) % 128) : 64 + ((draw >>> 7) % 512);
  }
}

const slot = (index: number): number => ((index % HORIZON) + HORIZON) % HORIZON;
