import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { SETTLED } from '@holdfast/domains/findings/core/settled';
import type { Micros } from '@holdfast/kernel';
import { HOUR, hourAt, measuredOf } from './core/kpi';
import { KpiStore } from './kpi.store';

const DAY: Micros = 24 * HOUR;
/** How far back the first refresh measures. */
const FIRST_LOOK: Micros = 92 * DAY;

/** Brings the KPIs' aggregates up to what has been received: every hour into which something came since the last time is measured anew, as a whole. */
@Injectable()
export class KpiRefresher {
  constructor(
    private readonly store: KpiStore,
    private readonly catalog: CatalogService,
  ) {}

  /**
   * A repeat measures hours again to the same result. The mark moves behind them, so that what was cut short is measured again.
   * @param at now; what was received so long before that nothing of it can be on its way is measured
   * @param heartbeat called for each hour; throws to stop
   * @returns how many hours of processes were measured
   */
  async refresh(at: Micros, heartbeat: () => void): Promise<number> {
    const to = at - SETTLED;
    const known = await this.store.mark();
    if (known !== undefined && known >= to) return 0;
    const first = known ?? (await this.store.firstArrival(to - FIRST_LOOK, to)) ?? to;
    let measured = 0;
    for (let from = first; from < to;) {
      const until = Math.min(to, hourAt(from) + DAY);
      for (const { process, hour } of await this.touched(from, until, to)) {
        heartbeat();
        const [found] = await this.catalog.findProcesses([process]);
        if (!found) continue; // records of processes that do not exist are not stored
        const { stages, ways } = measuredOf(found);
        await this.store.measure(process, stages, ways, hour, Math.min(hour + HOUR, to), to);
        measured++;
      }
      await this.store.putMark(until);
      from = until;
    }
    if (first >= to) await this.store.putMark(to);
    return measured;
  }

  /** Hours into which something came in [from, until), and earlier ones of which something was taken back meanwhile. */
  private async touched(from: Micros, until: Micros, to: Micros): Promise<{ process: string; hour: Micros }[]> {
    const hours = [
      ...(await this.store.arrivalHours(from, until)),
      ...(await this.store.takenBackHours(from, until, to - FIRST_LOOK)),
    ];
    return [...new Map(hours.map((one) => [`${one.hour} ${one.process}`, one])).values()];
  }
}
