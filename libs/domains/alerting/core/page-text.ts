import { formatInstant, type Micros } from '@holdfast/kernel';
import type { AlertContext, AlertToEscalate, Severity } from './alert';

/** What a page shows beside its title, in order. */
export interface PageFact {
  readonly name: string;
  readonly value: string;
}

/** An alert of the same kind that was before, and how it ended; `resolvedAt` 0 where it has not. */
export interface SimilarAlert {
  readonly id: string;
  readonly raisedAt: Micros;
  readonly resolvedAt: Micros;
  readonly reason: string;
}

/** Something that was done to a system that the alert may be about. */
export interface RecentChange {
  readonly kind: string;
  readonly title: string;
  readonly state: string;
  readonly by: string;
  readonly startedAt: Micros;
}

/** An alert that a group tells of. */
export interface MemberText {
  readonly id: string;
  readonly severity: Severity;
  readonly summary: string;
}

/** What broke, in one line. */
export function titleOf(alert: AlertToEscalate, context: AlertContext | undefined, members: number): string {
  const { subject, policy, fingerprint, process, facts } = alert;
  const of = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
  const about = process === '' ? '' : ` in ${process}`;
  if (subject.kind === 'group') return `Holdfast: ${of(members, 'alert', 'alerts')}${labelText(alert)}`;
  if (context) return `Holdfast: ${context.summary}`;
  switch (subject.kind) {
    case 'test':
      return `Holdfast: test page of escalation policy ${policy}; acknowledge it to end the test`;
    case 'reconciliation':
      if (facts.revision === 0)
        return `Holdfast: window ${subject.id} of ${process} is past its deadline and not judged`;
      return `Holdfast: ${of(facts.open, 'open discrepancy', 'open discrepancies')}${about}, window ${subject.id}`;
    case 'finding':
      return `Holdfast: finding ${fingerprint}, ${of(facts.open, 'case', 'cases')}${about}`;
    default:
      return `Holdfast: ${subject.kind} ${subject.id}${about}`;
  }
}

function labelText({ labels }: AlertToEscalate): string {
  const named = Object.entries(labels).filter(([, value]) => value !== '');
  return named.length === 0 ? '' : ` with ${named.map(([name, value]) => `${name} ${value}`).join(', ')}`;
}

/** What else is known when the page goes out. */
export function factsOf(
  { labels }: AlertToEscalate,
  context: AlertContext | undefined,
  similar: readonly SimilarAlert[],
  changes: readonly RecentChange[],
): PageFact[] {
  const facts: [string, string | undefined][] = [
    ['since', context?.since === undefined ? undefined : formatInstant(context.since)],
    ['amount', context?.amounts?.map(({ currency, value }) => `${value.toFixed(2)} ${currency}`).join(', ')],
    ['lost at', context?.topHop],
    ['cause', context?.topCause],
    ['owner', context?.owner],
    ...Object.entries(labels).map(([name, value]): [string, string] => [name, value]),
    ['changed', changes.length === 0 ? undefined : changes.map(changeText).join('; ')],
    ['before', similar.length === 0 ? undefined : similar.map(endText).join('; ')],
  ];
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }]));
}

const changeText = ({ kind, title, state, startedAt, by }: RecentChange): string =>
  `${formatInstant(startedAt).slice(11, 16)}Z ${kind}${title === '' ? '' : ` ${title}`}, ${state}${by === '' ? '' : ` by ${by}`}`;

const MINUTE = 60_000_000;

function endText({ raisedAt, resolvedAt, reason }: SimilarAlert): string {
  const day = formatInstant(raisedAt).slice(0, 16);
  if (resolvedAt === 0) return `${day}Z still open`;
  return `${day}Z ${reason} after ${Math.max(1, Math.round((resolvedAt - raisedAt) / MINUTE))} min`;
}

/** The alerts that a group tells of: the worst first, as many as a page can show. */
export function memberFacts(members: readonly MemberText[], most: number): PageFact[] {
  const order: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
  const worst = [...members].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)).slice(0, most);
  const more = members.length - worst.length;
  return [
    ...worst.map(({ id, severity, summary }) => ({ name: severity, value: summary || id })),
    ...(more > 0 ? [{ name: 'and', value: `${more} more` }] : []),
  ];
}

/** The severity of a group: that of the worst of its alerts. */
export function worstOf(severities: readonly Severity[], otherwise: Severity): Severity {
  const order: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
  return order.find((one) => severities.includes(one)) ?? otherwise;
}
