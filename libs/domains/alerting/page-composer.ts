import { Inject, Injectable } from '@nestjs/common';
import { ChangesService } from '@holdfast/domains/suppression/changes.service';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { PageToSend } from '@holdfast/workflows/alerting/escalate-alert/contract';
import { AcknowledgeLinkService } from './acknowledge-link.service';
import { AlertingStore } from './alerting.store';
import { labelsOf, type Severity } from './core/alert';
import { GroupStore } from './group.store';
import { factsOf, memberFacts, type PageFact, titleOf, worstOf } from './core/page-text';

/** Members of a group that are read for a page, and those of them that it shows. */
const MOST_MEMBERS = 10_000;
const SHOWN_MEMBERS = 5;
const SIMILAR = 3;
const SHOWN_CHANGES = 3;
const CHANGED_BEFORE = 4 * 3_600_000_000;
const SIMILAR_FOR = 30 * 86_400_000_000;

/** What a page says, whatever channel it goes to. */
export interface PageText {
  /** One line. */
  readonly title: string;
  readonly severity: Severity;
  readonly facts: readonly PageFact[];
  /** Of the alert; undefined where the configuration has no public address. */
  readonly url: string | undefined;
  readonly runbook: string | undefined;
  /** By which whoever gets the page acknowledges without a key; undefined where links are not configured. */
  readonly acknowledgeUrl: string | undefined;
}

/** Writes pages: what broke, since when, how much, where, who owns it, and how it ended before. */
@Injectable()
export class PageComposer {
  private readonly publicUrl: string | undefined;

  constructor(
    private readonly store: AlertingStore,
    private readonly groups: GroupStore,
    private readonly links: AcknowledgeLinkService,
    private readonly changes: ChangesService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.publicUrl = configuration.HOLDFAST_PUBLIC_URL;
  }

  /** What broke, in one line, of an alert that is kept. */
  async titleOf(alertId: string): Promise<string> {
    const kept = await this.store.alert(alertId);
    return kept?.context ? `Holdfast: ${kept.context.summary}` : `Holdfast: alert ${alertId}`;
  }

  async compose({ alert, raisedAt, person }: Pick<PageToSend, 'alert' | 'raisedAt' | 'person'>): Promise<PageText> {
    const { alertId, fingerprint, subject, process } = alert;
    const isGroup = subject.kind === 'group';
    const [kept, members, similar, changes] = await Promise.all([
      isGroup ? undefined : this.store.alert(alertId),
      isGroup ? this.groups.openMembers(fingerprint, MOST_MEMBERS) : [],
      isGroup || subject.kind === 'test'
        ? []
        : this.store.similar(
            { id: alertId, process, subject: subject.kind, fingerprint: process === '' ? fingerprint : '' },
            { before: raisedAt, since: raisedAt - SIMILAR_FOR },
            SIMILAR,
          ),
      subject.kind === 'test'
        ? []
        : this.changes.recent(labelsOf(alert), raisedAt - CHANGED_BEFORE, raisedAt + 1, SHOWN_CHANGES),
    ]);
    const context = kept?.context;
    const texts = members.map((one) => ({ id: one.id, severity: one.severity, summary: one.context?.summary ?? '' }));
    const severity = worstOf(
      members.map((one) => one.severity),
      alert.severity,
    );
    return {
      title: titleOf(alert, context, members.length),
      severity,
      facts: [...factsOf(alert, context, similar, changes), ...memberFacts(texts, SHOWN_MEMBERS)],
      url: this.publicUrl === undefined ? undefined : linkTo(this.publicUrl, alertId),
      runbook: context?.runbook,
      acknowledgeUrl: this.links.linkFor(alertId, person, Date.now() * 1000),
    };
  }
}

/** Below the API's address, whose path is kept: a proxy may serve it under one. */
export function linkTo(publicUrl: string, alertId: string): string {
  const url = new URL(publicUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/alerts/${alertId}`;
  return url.href;
}
