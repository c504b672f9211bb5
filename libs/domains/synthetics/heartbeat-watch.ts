import { Inject, Injectable } from '@nestjs/common';
import { AlertRaiser, type RaisedAlert } from '@holdfast/domains/alerting/alert-raiser.service';
import type { Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type Beats, type HeartbeatDefinition, isSilent, silenceAlertId, type Watch, watched } from './core/heartbeat';
import { HeartbeatService } from './heartbeat.service';
import { HeartbeatStore } from './heartbeat.store';

const NONE: Beats = { beats: 0, lastAt: 0 };
/** A round adds as much silence at most as so many rounds take, and as this many microseconds at least. */
const ROUNDS = 3;
const LEAST: Micros = 60_000_000;
/** Alerts that are ended at once. */
const AT_ONCE = 20;

/**
 * Compares what beats with what should. An alert is raised, or ended, before it is noted that it was: a round that is cut short is made up for by the next one,
 * and neither raises nor ends anything twice.
 */
@Injectable()
export class HeartbeatWatch {
  private readonly most: Micros;

  constructor(
    private readonly heartbeats: HeartbeatService,
    private readonly store: HeartbeatStore,
    private readonly raiser: AlertRaiser,
    @Inject(CONFIGURATION) { HOLDFAST_WATCH_HEARTBEATS_EVERY_SECONDS: everySeconds }: Configuration,
  ) {
    this.most = Math.max(ROUNDS * everySeconds * 1_000_000, LEAST);
  }

  /** @returns how many are silent */
  async watch(at: Micros): Promise<number> {
    // The watches first: a beat that comes in between is one more than they know.
    const watches = await this.store.watches();
    const [documents, beats] = await Promise.all([this.heartbeats.all(), this.store.beats()]);
    const raised: RaisedAlert[] = [];
    const over: string[] = [];
    const off: string[] = [];
    const next: (Watch & { heartbeat: string })[] = [];
    for (const [heartbeat, { body }] of documents) {
      const before = watches.get(heartbeat);
      if (!body.enabled) {
        if (before && (before.alert !== '' || before.silentFor > 0)) {
          if (before.alert !== '') off.push(before.alert);
          next.push({
            ...before,
            heartbeat,
            round: before.round + 1,
            watchedAt: at,
            since: at,
            silentFor: 0,
            alert: '',
          });
        }
        continue;
      }
      const now = watched(before, beats.get(heartbeat) ?? NONE, at, this.most);
      const isOn = before?.alert !== undefined && before.alert !== '';
      const isQuiet = isSilent(body, now);
      if (isOn && !isQuiet) over.push(before.alert);
      const alert = isQuiet ? (isOn ? before.alert : silenceAlertId(heartbeat, now.since)) : '';
      if (isQuiet && !isOn) raised.push(silenceAlert(heartbeat, body, alert, now.since));
      next.push({ ...now, heartbeat, alert });
    }
    await this.raiser.raise(raised, at);
    await this.end(over, 'healed', at);
    await this.end(off, 'cancelled', at);
    await this.store.keep(next);
    return next.filter(({ alert }) => alert !== '').length;
  }

  private async end(alerts: readonly string[], reason: 'healed' | 'cancelled', at: Micros): Promise<void> {
    for (let i = 0; i < alerts.length; i += AT_ONCE)
      await Promise.all(alerts.slice(i, i + AT_ONCE).map((id) => this.raiser.end(id, { by: '', reason, at })));
  }
}

const silenceAlert = (
  heartbeat: string,
  { severity, escalationPolicy, owner, runbook, everySeconds }: HeartbeatDefinition,
  alertId: string,
  since: Micros,
): RaisedAlert => ({
  alert: {
    ...{ alertId, fingerprint: `heartbeat-${heartbeat}`, process: '', severity, policy: escalationPolicy },
    subject: { kind: 'synthetic', id: `heartbeat/${heartbeat}` },
    labels: { heartbeat, fault: 'silent' },
    facts: { open: 1, revision: 0 },
  },
  context: { summary: `${heartbeat} does not beat, which it should every ${everySeconds} s`, since, owner, runbook },
});
