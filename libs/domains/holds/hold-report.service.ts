import { Injectable } from '@nestjs/common';
import { HeldRowStore } from './held-row.store';
import { reportLine, type ReportLine } from './hold-answers';
import { HoldService } from './hold.service';

const PAGE = 500;

/** What people read who answer for holds. */
@Injectable()
export class HoldReportService {
  constructor(
    private readonly holds: HoldService,
    private readonly rows: HeldRowStore,
  ) {}

  /** Holds that are not over, by id, with what they hold now. */
  async openHolds(): Promise<ReportLine[]> {
    const lines: ReportLine[] = [];
    for (let after = ''; ;) {
      const page = await this.holds.list(true, after, PAGE);
      for (const view of page) lines.push(reportLine(view, await this.rows.count(view.terms.scope)));
      if (page.length < PAGE) return lines;
      after = page.at(-1)!.hold;
    }
  }
}
