import type { Micros } from './instant';

/** What a clock on the wall shows: microseconds since 1970-01-01T00:00 of its own calendar, as if that were UTC. */
export type Wall = number;

/** From an instant on the clocks of a zone are ahead of UTC by `offset` microseconds (negative: behind). */
export interface OffsetPeriod {
  readonly from: Micros;
  readonly offset: Micros;
}

/**
 * The clocks of a zone over a span of time, as data: so that decisions about local times need no zone database, and are the same wherever they are made again.
 * Before the first period its offset holds too.
 */
export class ZoneClock {
  /** @param periods in the order of time, at least one */
  constructor(private readonly periods: readonly OffsetPeriod[]) {}

  wallAt(at: Micros): Wall {
    return at + this.periods[this.indexAt(at)]!.offset;
  }

  /**
   * When the clocks show this time, or a later one, first: in the hour that is skipped the instant right behind it, in the hour that comes twice the first time. Never
   * falls where `wall` rises, so that spans of the wall become spans of time that touch where those did.
   */
  instantOf(wall: Wall): Micros {
    for (let i = 0; i < this.periods.length - 1; i++) {
      const { from, offset } = this.periods[i]!;
      const at = i === 0 ? wall - offset : Math.max(from, wall - offset);
      if (at < this.periods[i + 1]!.from) return at;
    }
    const { from, offset } = this.periods.at(-1)!;
    return this.periods.length === 1 ? wall - offset : Math.max(from, wall - offset);
  }

  /** Cuts [from, to) where the clocks change. */
  pieces(from: Micros, to: Micros): { readonly from: Micros; readonly to: Micros; readonly offset: Micros }[] {
    const found = [];
    for (let i = this.indexAt(from), at = from; at < to; i++) {
      const end = Math.min(to, this.periods[i + 1]?.from ?? to);
      found.push({ from: at, to: end, offset: this.periods[i]!.offset });
      at = end;
    }
    return found;
  }

  private indexAt(at: Micros): number {
    let i = this.periods.length - 1;
    while (i > 0 && this.periods[i]!.from > at) i--;
    return i;
  }
}
