import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import type { LiveEscalation } from '@holdfast/workflows/alerting/escalate-alert/contract';
import { AlertingService } from './alerting.service';
import type { StoredAlert } from './alerting.store';
import type { AlertToEscalate } from './core/alert';
import type { EscalationPolicyDefinition, PageTarget } from './core/escalation-policy';
import { EffectivenessStore } from './effectiveness.store';
import { EscalationPolicyService } from './escalation-policy.service';
import { HoldService, type Reason } from './hold.service';
import { type Nobody, ResponderService } from './responder.service';
import type { Addressee } from '@holdfast/workflows/alerting/escalate-alert/contract';

/** Whom a target stands for: a page with its destinations, or nobody and why. */
export interface Standing {
  readonly target: PageTarget;
  readonly page: Addressee | undefined;
  readonly nobody: Nobody | undefined;
  /** When somebody else has it. */
  readonly until: Micros | undefined;
}
export interface LevelStanding {
  /** 0: whom somebody gave it to. */
  readonly level: number;
  /** When the level pages, in seconds from the beginning of the ladder, while nobody answers. */
  readonly afterSeconds: number;
  readonly targets: readonly Standing[];
}
export interface WouldPage {
  readonly at: Micros;
  readonly alert: AlertToEscalate;
  /** The version of its policy that it follows; 0: there is none, and nobody can be paged. */
  readonly policyVersion: number;
  readonly held: Reason | undefined;
  readonly levels: readonly LevelStanding[];
}
/** Of an alert that there is. `alert` is the one that is told: of a member its group's. */
export interface WouldPageOf extends WouldPage {
  readonly asked: StoredAlert;
  readonly state: StoredAlert['state'];
  readonly live: LiveEscalation | undefined;
}

/** Says whom an alert would page, by which policy, and what keeps it quiet. Looks only: nobody is paged. */
@Injectable()
export class WouldPageService {
  constructor(
    private readonly alerting: AlertingService,
    private readonly effectiveness: EffectivenessStore,
    private readonly policies: EscalationPolicyService,
    private readonly holds: HoldService,
    private readonly responders: ResponderService,
  ) {}

  /** @throws DomainError `not_found` */
  async ofAlert(id: string, at: Micros): Promise<WouldPageOf> {
    const asked = await this.alerting.existing(id);
    const group = asked.groupKey === '' ? undefined : await this.effectiveness.groupAlert(asked.groupKey);
    const told = group === undefined ? asked : await this.alerting.existing(group);
    const alert = escalated(told);
    const [policy, live] = await Promise.all([
      told.policyVersion === 0 ? undefined : this.policies.snapshot(told.policy, told.policyVersion),
      told.state === 'resolved' ? undefined : this.alerting.standing(told.id),
    ]);
    const ladder = await this.ladder(alert, policy?.body, told.raisedAt, at);
    const given = live?.given && { level: 0, afterSeconds: 0, targets: await this.standing(live.given, at) };
    const levels = [...(given ? [given] : []), ...ladder.levels];
    const { version: policyVersion = 0 } = policy ?? {};
    return { at, alert, policyVersion, ...ladder, levels, asked, state: told.state, live };
  }

  /** Of an alert that somebody thinks of, as if it were raised then. @throws DomainError `not_found` when there is no such policy */
  async ofThought(alert: AlertToEscalate, at: Micros): Promise<WouldPage> {
    const { version, body } = await this.policies.policy(alert.policy);
    return { at, alert, policyVersion: version, ...(await this.ladder(alert, body, at, at)) };
  }

  private async ladder(
    alert: AlertToEscalate,
    policy: EscalationPolicyDefinition | undefined,
    raisedAt: Micros,
    at: Micros,
  ): Promise<Pick<WouldPage, 'held' | 'levels'>> {
    const held = await this.holds.reason(alert, policy?.quietHours, raisedAt, at);
    const levels: LevelStanding[] = [];
    let afterSeconds = policy?.group?.waitSeconds ?? 0;
    for (const [index, level] of (policy?.levels ?? []).entries()) {
      afterSeconds += level.delaySeconds ?? 0;
      levels.push({ level: index + 1, afterSeconds, targets: await this.standing(level.targets, at) });
      afterSeconds += level.acknowledgeTimeoutSeconds;
    }
    return { held, levels };
  }

  private standing(targets: readonly PageTarget[], at: Micros): Promise<Standing[]> {
    return Promise.all(
      targets.map(async (target) => {
        const { pages, nobody, handoverAt } = await this.responders.of([target], at);
        return { target, page: pages[0], nobody: nobody[0], until: handoverAt };
      }),
    );
  }
}

const escalated = ({ id, subjectKind, subjectId, open, revision, ...one }: StoredAlert): AlertToEscalate => ({
  ...{ alertId: id, fingerprint: one.fingerprint, process: one.process, severity: one.severity, policy: one.policy },
  ...{ subject: { kind: subjectKind, id: subjectId }, labels: one.labels, facts: { open, revision } },
});
