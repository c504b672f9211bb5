import { SLACK, WEBHOOK } from './emulated-channels';
import type { AlertTold, PagingPlayed } from './paging';

const CLIMBED = ['L1/R0', 'L2/R0', 'L3/R0'];

/**
 * What must be true whatever was killed.
 * @param crashes kills of the worker, and of Temporal: after either a page is tried again that may have been delivered
 */
export function expectPaging({ climbed, answered, held, group, members }: PagingPlayed, crashes: number): void {
  for (const one of [climbed, answered, held, group]) {
    expectStory(one);
    expectOncePerPage(one, crashes);
  }

  expect(stepsOf(climbed, 'timed_out', 'unreachable')).toEqual(CLIMBED);
  expect(stepsOf(climbed, 'paged').sort()).toEqual(CLIMBED);
  expect(kindsOf(climbed).slice(-3)).toEqual(['exhausted', 'acknowledged', 'resolved']);
  expect(climbed.webhooks.raised).toEqual([`${climbed.alert.id}/L2/R0`]);
  expect(climbed.notifications.map(({ dedupKey }) => dedupKey)).toEqual([`${climbed.alert.id}/L3/R0`]);

  // A call whose answer got lost may have been carried out twice: then it pages anew, as another run.
  const reopened = answered.alert.transitions.filter(({ kind }) => kind === 'reopened').map(({ reason }) => reason);
  expect(reopened.filter((reason, i) => reason !== reopened[i - 1])).toEqual(['woke', 'taken_back', 'reassigned']);
  const runs = [0, ...reopened.map((_, i) => i + 1)];
  const stepOf = (run: number): string => (reopened[run - 1] === 'reassigned' ? `L0/R${run}` : `L1/R${run}`);
  expect(stepsOf(answered, 'paged', 'page_failed')).toEqual(runs.map(stepOf));
  expect(stepsOf(answered, 'timed_out', 'unreachable')).toEqual([]);

  expect(held.early).toBe(0);
  expect(kindsOf(held).filter((kind) => kind === 'held' || kind === 'released')).toEqual(['held', 'released']);
  const paged = held.alert.transitions.filter(({ kind }) => kind === 'paged');
  expect(paged).toHaveLength(1);
  expect(paged[0]!.at >= held.until).toBe(true);

  // One escalation tells of all its alerts.
  expect(group.webhooks.raised).toEqual([`${group.alert.id}/L1/R0`]);
  expect(group.notifications.map(({ dedupKey }) => dedupKey)).toEqual([`${group.alert.id}/L2/R0`]);
  expect(new Set(members.map((one) => one.group)).size).toBe(1);
  for (const { transitions } of members)
    expect(transitions.map(({ kind }) => kind)).toEqual(['raised', 'grouped', 'acknowledged', 'resolved']);
}

/** Resolved, without holes, and everything that was opened is closed. */
function expectStory({ alert, incidents, edited, webhooks }: AlertTold): void {
  const { transitions } = alert;
  expect(alert.state).toBe('resolved');
  expect(transitions.map(({ seq }) => seq)).toEqual(transitions.map((_, index) => index));
  expect(transitions.filter(({ kind }) => kind === 'follow_up_failed')).toEqual([]);
  expect(incidents.map(({ status }) => status)).toEqual(incidents.map(() => 'resolved'));
  // A message that nobody heard of was taken cannot be edited: each page has one that can.
  expect(edited).toBeGreaterThanOrEqual(pagesBy(alert, SLACK).length);
  expect([...webhooks.resolved].sort()).toEqual(
    pagesBy(alert, WEBHOOK)
      .map(({ dedupKey }) => `${dedupKey}/resolved`)
      .sort(),
  );
}

function expectOncePerPage({ alert, messages, notifications, webhooks }: AlertTold, crashes: number): void {
  const keys = alert.transitions.filter(({ kind }) => kind === 'paged').map(({ dedupKey }) => dedupKey);
  expect(new Set(keys).size).toBe(keys.length);
  // Where the vendor knows a repeat: exactly once.
  expect(new Set(notifications.map(({ dedupKey }) => dedupKey)).size).toBe(notifications.length);
  for (const { dedupKey } of pagesBy(alert, WEBHOOK)) expect(webhooks.raised).toContain(dedupKey);
  // Elsewhere one more for each crash at most, and each of those says so.
  const told = alert.transitions.filter(({ kind, channel }) => kind === 'paged' && channel && channel !== WEBHOOK);
  expect(messages.length).toBeGreaterThanOrEqual(told.length);
  expect(messages.length).toBeLessThanOrEqual(told.length + crashes);
  expect(messages.filter(({ isMarked }) => !isMarked).length).toBeLessThanOrEqual(told.length);
}

const kindsOf = ({ alert }: AlertTold): string[] => alert.transitions.map(({ kind }) => kind);
const pagesBy = ({ transitions }: AlertTold['alert'], name: string) =>
  transitions.filter(({ kind, channel }) => kind === 'paged' && channel === name);
const stepsOf = ({ alert }: AlertTold, ...kinds: string[]): string[] =>
  alert.transitions.filter(({ kind }) => kinds.includes(kind)).map(({ level, repeat }) => `L${level}/R${repeat}`);
