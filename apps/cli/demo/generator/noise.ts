import { Random } from './random';
import type { Stage } from './step';

export type Resend = 'identical' | 'reordered';

/** What happens to sound orders without being a fault: failed attempts before the one that succeeds, and records sent twice. */
export class Noise {
  /** Of the order last asked for, as is {@link resends}: the objects are used again, since none is needed for long. */
  readonly retries: Record<Stage, number> = { shop: 0, hub: 0, erp: 0 };
  readonly resends: Record<Stage, Resend | undefined> = { shop: undefined, hub: undefined, erp: undefined };
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed, 'noise');
  }

  at(index: number): this {
    const random = this.random.at(index);
    this.draw(random, 'shop');
    this.draw(random, 'hub');
    this.draw(random, 'erp');
    return this;
  }

  /** How many records the order last asked for is, of them `resent` that intake has seen before. */
  count(): { records: number; resent: number; failed: number } {
    const { retries, resends } = this;
    const resent = +!!resends.shop + +!!resends.hub + +!!resends.erp;
    const failed = retries.shop + retries.hub + retries.erp;
    return { records: 3 + failed + resent, resent, failed };
  }

  private draw(random: Random, stage: Stage): void {
    const [retry, resend] = [random.unit(), random.unit()];
    this.retries[stage] = retry >= 0.03 ? 0 : retry >= 0.003 ? 1 : 2;
    this.resends[stage] = resend >= 0.0012 ? undefined : resend >= 0.0002 ? 'identical' : 'reordered';
  }
}
