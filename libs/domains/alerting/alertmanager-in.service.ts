import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type FieldProblem, invalid, type Micros } from '@holdfast/kernel';
import { isWebUrl } from '@holdfast/domains/channels/core/wording';
import { AlertRaiser, type RaisedAlert } from './alert-raiser.service';
import type { PostedAlert } from './alertmanager-in.schemas';
import { EscalationPolicyService } from './escalation-policy.service';
import type { Severity } from './core/alert';

/** Label that names the escalation policy. */
const POLICY = 'escalation_policy';
/** Alerts that are ended at once. */
const AT_ONCE = 20;
const SUMMARY = 500;

/** What other systems call the four severities. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ...['critical', 'page', 'emergency', 'fatal', 'disaster', 'p1'].map((name) => [name, 'critical'] as const),
  ...['warning', 'warn', 'medium', 'p3'].map((name) => [name, 'warning'] as const),
  ...['info', 'information', 'none', 'low', 'notice', 'p4', 'p5'].map((name) => [name, 'info'] as const),
]);

/**
 * Alerts of Prometheus and whatever else speaks to an Alertmanager. Labels and beginning are an alert's identity: it is posted again for as long as it
 * fires, and is the same alert then.
 */
@Injectable()
export class AlertmanagerInService {
  constructor(
    private readonly raiser: AlertRaiser,
    private readonly policies: EscalationPolicyService,
  ) {}

  /**
   * Raises what fires, ends what is over. All of it or, where a policy does not exist, nothing.
   * @param usual policy of alerts that name none
   * @throws DomainError `invalid` naming each alert without a policy that exists; `unavailable`: post it again
   */
  async take(posted: readonly PostedAlert[], usual: string | undefined, by: string, now: Micros): Promise<void> {
    const alerts = posted.map((one) => ({ one, policy: one.labels[POLICY] ?? usual ?? '' }));
    await this.mustHavePolicies(alerts.map(({ policy }) => policy));
    const isOver = ({ endsAt }: PostedAlert): boolean => endsAt !== undefined && endsAt <= now;
    await this.raiser.raise(
      alerts.filter(({ one }) => !isOver(one)).map(({ one, policy }) => raisedOf(one, policy, by)),
      now,
    );
    const over = posted.filter(isOver);
    for (let i = 0; i < over.length; i += AT_ONCE)
      await Promise.all(
        over.slice(i, i + AT_ONCE).map((one) => this.raiser.end(alertIdOf(one), { by: '', reason: 'healed', at: now })),
      );
  }

  private async mustHavePolicies(named: readonly string[]): Promise<void> {
    const known = new Set<string>();
    for (const policy of new Set(named)) if (await this.policies.current(policy)) known.add(policy);
    const wrong: FieldProblem[] = named.flatMap((policy, index) => {
      const reason =
        policy === ''
          ? 'is missing; or name a policy in the path'
          : 'does not exist; PUT it under /v1/escalation-policies first';
      return known.has(policy) ? [] : [{ field: `${index}.labels.${POLICY}`, reason }];
    });
    if (wrong.length > 0)
      throw invalid('unknown_escalation_policy', 'alerts have no escalation policy; errors lists them', wrong);
  }
}

function fingerprintOf({ labels }: PostedAlert): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `am-${createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32)}`;
}

const alertIdOf = (posted: PostedAlert): string => `${fingerprintOf(posted)}.${posted.startsAt.toString(36)}`;

/** Ids and codes only: it goes into histories. What people wrote is context, which does not. */
function raisedOf(posted: PostedAlert, policy: string, by: string): RaisedAlert {
  const { labels, annotations, startsAt } = posted;
  const { severity = '', alertname = '', [POLICY]: _, ...others } = labels;
  const { summary, description, runbook_url: runbook } = annotations;
  const text = (summary ?? description ?? alertname).replace(/\s+/g, ' ').trim().slice(0, SUMMARY);
  return {
    alert: {
      alertId: alertIdOf(posted),
      fingerprint: fingerprintOf(posted),
      process: '',
      subject: { kind: 'external', id: alertname.replace(/[^\w.-]/g, '_').slice(0, 100) },
      severity: SEVERITIES.get(severity.toLowerCase()) ?? 'error',
      policy,
      labels: { alertname, ...others },
      facts: { open: 1, revision: 0 },
      raisedBy: by,
    },
    context: {
      summary: text === '' ? alertname : text,
      since: startsAt,
      ...(runbook !== undefined && isWebUrl(runbook) && { runbook }),
    },
  };
}
