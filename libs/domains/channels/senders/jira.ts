import { createHash } from 'node:crypto';
import { withSecrets } from '@holdfast/platform/delivery';
import {
  comment,
  createIssue,
  endIssue,
  findIssue,
  link,
  paragraph,
  text,
  type JiraSite,
} from '@holdfast/platform/jira';
import type { JiraChannel } from '../core/channel';
import type { Notification } from '../core/notification';
import { cut, outcomeOf, titleOf, webLinks } from '../core/wording';
import { LOGIN, missing, type Route, type Sender } from './sender';

const SUMMARY = 255;

/** One issue for each alert, found again by a label that is made from the alert's id. */
export const jiraSender: Sender<'jira'> = {
  // Far below the points of any edition.
  rate: { callsPerMinute: 300, burst: 20 },
  problems: (_, account) => missing(account, { address: true, secret: LOGIN }),
  notify: (route, notification) =>
    onSite(route, async (site) => {
      const { project, issueType, priorities } = route.channel;
      const label = labelOf(notification.alertId);
      const known = await findIssue(site, project, label);
      if (known !== undefined) return known;
      return createIssue(site, {
        ...{ project, issueType, priority: priorities?.[notification.severity] },
        summary: cut(titleOf(notification).replace(/\s+/g, ' '), SUMMARY),
        description: descriptionOf(notification),
        labels: ['holdfast', label],
      });
    }),
  async followUp(route, ref, followUp) {
    await onSite(route, async (site) => {
      const told = [paragraph(text(`${outcomeOf(followUp)}.`))];
      // One that has ended already was told of it: a repeat says nothing again.
      if (followUp.event === 'resolved' && !(await endIssue(site, ref, route.channel.resolveTransition))) return;
      await comment(site, ref, told);
    });
  },
};

const onSite = <T>({ account, timeoutMs }: Route<JiraChannel>, use: (site: JiraSite) => Promise<T>): Promise<T> =>
  withSecrets(account.secrets, (login) => use({ url: account.address!, login, timeoutMs: timeoutMs / 3 }));

const labelOf = (alertId: string): string =>
  `holdfast-${createHash('sha256').update(alertId).digest('hex').slice(0, 24)}`;

function descriptionOf({ severity, facts, links, acknowledgeUrl, alertId }: Notification): object[] {
  return [
    ...[{ name: 'severity', value: severity }, ...facts, { name: 'alert', value: alertId }].map(({ name, value }) =>
      paragraph(text(`${name}: ${value}`)),
    ),
    ...webLinks(links).map(({ text: label, url }) => paragraph(link(label, url))),
    ...(acknowledgeUrl === undefined ? [] : [paragraph(link('Acknowledge', acknowledgeUrl))]),
  ];
}
