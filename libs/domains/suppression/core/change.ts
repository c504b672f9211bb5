import type { Micros } from '@holdfast/kernel';
import { type Labels, matches } from './matcher';
import type { Span, When } from './window';

export const CHANGE_KINDS = ['deployment', 'configuration', 'migration', 'other'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
/** `occurred`: a change without a length, such as a switch that was turned. */
export const CHANGE_STATES = ['started', 'finished', 'failed', 'rolled_back', 'occurred'] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/** One state of a change, as somebody told it. */
export interface ChangeReport {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  readonly labels: Labels;
  readonly title: string;
  readonly link: string;
  /** Who or what made the change, as the teller says; '' where that is not told. */
  readonly by: string;
  /** By the teller's clock. */
  readonly at: Micros;
  readonly reportedBy: string;
  readonly reportedAt: Micros;
}

/** Something that was done to a system. */
export interface Change {
  readonly id: string;
  readonly kind: ChangeKind;
  /** The state that was reached last by the time of what happened; an end stands over a start, whatever the clocks say. */
  readonly state: ChangeState;
  readonly labels: Labels;
  readonly title: string;
  readonly link: string;
  readonly by: string;
  readonly startedAt: Micros;
  /** Undefined while it is under way. Never before it started: a clock that jumped back in between makes it end at once. */
  readonly endedAt: Micros | undefined;
  /** By the time of what happened. */
  readonly reports: readonly Pick<ChangeReport, 'state' | 'at' | 'reportedBy' | 'reportedAt'>[];
}

/** The label of a change that is its kind. */
export const KIND_LABEL = 'kind';
const RANK: Readonly<Record<ChangeState, number>> = { started: 0, occurred: 1, finished: 2, failed: 2, rolled_back: 3 };
const byReporting = (a: ChangeReport, b: ChangeReport): number =>
  a.reportedAt - b.reportedAt || RANK[a.state] - RANK[b.state];

/**
 * What the reports of one change come to, in whatever order they came. Of several of the same state the first counts; what a report does not say, such as labels, an
 * earlier one may have said.
 * @param told of one change, at least one
 */
export function changeOf(told: readonly ChangeReport[]): Change {
  const inOrder = told.toSorted(byReporting);
  const reports = CHANGE_STATES.flatMap((state) => inOrder.find((one) => one.state === state) ?? []).sort(
    (a, b) => RANK[a.state] - RANK[b.state] || a.at - b.at,
  );
  const [first, last] = [inOrder[0]!, reports.at(-1)!];
  const says = (name: 'title' | 'link' | 'by'): string => inOrder.find((one) => one[name] !== '')?.[name] ?? '';
  const startedAt = reports.find(({ state }) => state === 'started')?.at ?? Math.min(...reports.map(({ at }) => at));
  const ends = reports.filter(({ state }) => state !== 'started').map(({ at }) => at);
  return {
    ...{ id: first.id, kind: first.kind, state: last.state },
    labels: { ...labelsOf(inOrder), [KIND_LABEL]: first.kind },
    ...{ title: says('title'), link: says('link'), by: says('by') },
    startedAt,
    endedAt: ends.length === 0 ? undefined : Math.max(startedAt, ...ends),
    reports: reports.map(({ state, at, reportedBy, reportedAt }) => ({ state, at, reportedBy, reportedAt })),
  };
}

/** Of several values of a label the first counts. */
const labelsOf = (inOrder: readonly ChangeReport[]): Labels =>
  Object.fromEntries(inOrder.toReversed().flatMap(({ labels }) => Object.entries(labels)));

/** The window that a change opens; undefined where it opens none. While it is under way the span is the longest that it may become. */
export function spanOfChange(change: Change, when: When & { readonly kind: 'deployment' }): Span | undefined {
  if (!matches(when.changes, change.labels)) return undefined;
  const from = change.startedAt;
  const latest = from + when.maxSeconds * 1_000_000;
  const end = change.endedAt === undefined ? latest : change.endedAt + when.afterSeconds * 1_000_000;
  return { from, to: Math.min(end, latest) };
}

/** Whether a change may have to do with what has these labels: they have a label in common, and differ in none that both have. */
export function concerns({ labels: { [KIND_LABEL]: _kind, ...own } }: Change, labels: Labels): boolean {
  const shared = Object.keys(own).filter((name) => Object.hasOwn(labels, name));
  return shared.length > 0 && shared.every((name) => own[name] === labels[name]);
}
