import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { inspectSources, type InspectionName } from '@holdfast/workflows/findings/inspect-sources/contract';
import type { Micros } from '@holdfast/kernel';
import { Context } from '@temporalio/activity';
import { alertOf, contextOf, owedFor } from './core/finding';
import { FindingsStore } from './findings.store';
import { ArrivalInspection } from './inspections/arrival-inspection';
import { ChecksumInspection } from './inspections/checksum-inspection';
import { ClockInspection } from './inspections/clock-inspection';
import { SequenceInspection } from './inspections/sequence-inspection';

/** Alerts that one run raises or ends; the next one goes on. */
const MOST_ALERTS = 100;
const HEARTBEAT_MS = 10_000;

/** The steps of an inspection that touch the world. */
@Implements(inspectSources)
export class FindingsActivities implements ActivitiesOf<typeof inspectSources> {
  constructor(
    private readonly store: FindingsStore,
    private readonly alerts: AlertRaiser,
    private readonly sequences: SequenceInspection,
    private readonly arrivals: ArrivalInspection,
    private readonly clocks: ClockInspection,
    private readonly checksums: ChecksumInspection,
  ) {}

  async inspect(inspection: InspectionName, at: Micros): Promise<number> {
    const { cancellationSignal } = Context.current();
    const heartbeat = (): void => {
      Context.current().heartbeat();
      cancellationSignal.throwIfAborted();
    };
    const beating = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS); // while a query runs
    try {
      return await this[inspection].run({ at, heartbeat });
    } finally {
      clearInterval(beating);
    }
  }

  async settleAlerts(at: Micros): Promise<number> {
    const owed = (await this.store.owed(at, MOST_ALERTS)).map(owedFor);
    const raise = owed.flatMap((one) => one.raise).slice(0, MOST_ALERTS);
    const end = owed.flatMap((one) => one.end).slice(0, MOST_ALERTS);
    await this.alerts.raise(raise.map((one) => ({ alert: alertOf(one), context: contextOf(one) })));
    const ended = await Promise.allSettled(
      end.map(({ alertId, by, reason }) => this.alerts.end(alertId, { by, reason, at })),
    );
    const done = end.filter((_, i) => ended[i]?.status === 'fulfilled'); // the others are still owed
    await this.store.addSteps([
      ...raise.map(({ finding, alertId }) => ({ finding, at, step: 'alerted' as const, by: '', alert: alertId })),
      ...done.map(({ finding, alertId }) => ({ finding, at, step: 'alert_ended' as const, by: '', alert: alertId })),
    ]);
    return raise.length + done.length;
  }
}
