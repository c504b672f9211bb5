import { Injectable, Logger } from '@nestjs/common';
import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { alertOf, contextOf, type FiringOf, owedOf } from './core/firing';
import { RuleService } from './rule.service';
import { RulesStore, type StoredState } from './rules.store';

/** Alerts that one round raises or ends; the next one goes on. */
const MOST_ALERTS = 200;

type FiringState = FiringOf & { readonly of: StoredState };

/** Tells alerting what fires, and what fires no longer: state against state, so that a crash costs a round. */
@Injectable()
export class Teller {
  private readonly log = new Logger(Teller.name);

  constructor(
    private readonly rules: RuleService,
    private readonly alerting: AlertRaiser,
    private readonly store: RulesStore,
  ) {}

  /** @returns alerts that were raised and ended */
  async settle(at: Micros): Promise<number> {
    const last = await this.store.lastRound(at);
    if (!last) return 0;
    const firing = (await this.store.states(last)).flatMap((of): FiringState[] =>
      of.firing ? [{ ...of.firing, rule: of.rule, series: of.series, of }] : [],
    );
    const owed = owedOf(firing, await this.store.told(firing));
    const raised = await this.raise(owed.raise.slice(0, MOST_ALERTS));
    await this.store.addRaised(raised, at);
    const ended: string[] = [];
    for (const alert of owed.end.slice(0, MOST_ALERTS))
      try {
        await this.alerting.end(alert, { by: '', reason: 'healed', at });
        ended.push(alert);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.log.warn(`${alert} is ended by the next round: ${error.code}`);
      }
    await this.store.addEnded(ended, at);
    return raised.length + ended.length;
  }

  /** Where nobody is to be told, the firing is kept all the same: baselines leave its time out. */
  private async raise(firing: readonly FiringState[]): Promise<FiringState[]> {
    if (firing.length === 0) return [];
    const rules = new Map((await this.rules.enabled()).map((one) => [one.id, one.body]));
    const known = firing.filter(({ rule }) => rules.has(rule));
    const alerts = known.flatMap((one) => {
      const rule = rules.get(one.rule)!;
      if (rule.escalationPolicy === undefined) return [];
      return [{ alert: alertOf(rule, one, one.of), context: contextOf(rule, one, one.of) }];
    });
    if (alerts.length > 0) await this.alerting.raise(alerts);
    return known;
  }
}
