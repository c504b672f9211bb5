import { UsageError } from './exit';
import type { AlertLive, AlertTransition } from './views';

/** What a page or an assignment goes to, as the API takes it. */
export type Target =
  | { readonly kind: 'person'; readonly person: string }
  | { readonly kind: 'schedule'; readonly schedule: string }
  | { readonly kind: 'channel'; readonly channel: string; readonly otherwise?: readonly string[] }
  | { readonly kind: 'pagerduty'; readonly routingKey: string };

/** `person:x`, `schedule:x`, `channel:x` or `pagerduty:key`. @throws UsageError */
export function targetOf(text: string): Target {
  const at = text.indexOf(':');
  const [kind, name] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && name !== '') {
    if (kind === 'person') return { kind, person: name };
    if (kind === 'schedule') return { kind, schedule: name };
    if (kind === 'channel') return { kind, channel: name };
    if (kind === 'pagerduty') return { kind, routingKey: name };
  }
  throw new UsageError(`${text} is no target: write person:ID, schedule:ID, channel:ID or pagerduty:KEY`);
}

/** The same the other way. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'person':
      return `person:${target.person}`;
    case 'schedule':
      return `schedule:${target.schedule}`;
    case 'channel':
      return [`channel:${target.channel}`, ...(target.otherwise ?? [])].join(' or ');
    case 'pagerduty':
      return `pagerduty:${target.routingKey}`;
  }
}

/** Where an escalation stands, and until when. */
export function nextText({ phase, level, repeat, until }: AlertLive): string {
  const at = level === undefined ? '' : ` level ${level}${repeat ? `, repeat ${repeat}` : ''}`;
  return `${phase}${at}${until === undefined ? '' : ` until ${until}`}`;
}

const HOLDS: Readonly<Record<string, string>> = {
  window: 'suppression window',
  inhibition: 'inhibition rule',
  flapping: 'flapping rule',
  quiet_hours: 'quiet hours of',
};
/** What keeps an alert quiet, in words. */
export const holdText = (reason: string, by: string): string => `${HOLDS[reason] ?? reason} ${by}`.trim();

const REOPENED: Readonly<Record<string, string>> = {
  woke: 'the snooze is over',
  taken_back: 'taken back',
  acknowledgement_expired: 'the acknowledgement has expired',
  reassigned: 'reassigned',
  news: 'more alerts joined the group',
};
const NOBODY: Readonly<Record<string, string>> = {
  off_shift: 'nobody has the schedule',
  no_contact: 'there is no way to reach',
  unknown_person: 'there is no person',
  unknown_schedule: 'there is no schedule',
};
/** Why a target stands for nobody. */
export const nobodyText = (code: string, reason: string): string => `${NOBODY[code] ?? code} ${reason}`.trim();

/** What a transition of an alert means. */
export function transitionText(one: AlertTransition): string {
  const place =
    one.level === 0 ? 'those named' : `level ${one.level ?? '?'}${one.repeat ? `, repeat ${one.repeat}` : ''}`;
  const who = one.by ? ` by ${one.by}` : '';
  const until = one.until ? ` until ${one.until}` : '';
  switch (one.kind) {
    case 'raised':
      return `alert raised${who}`;
    case 'grouped':
      return `told as part of ${one.by ?? ''}`;
    case 'paged':
      return `paged ${place} ${destinationText(one)}`;
    case 'page_failed':
      return `page to ${place} ${destinationText(one)} given up: ${one.code ?? ''}`;
    case 'fell_back':
      return `page to ${place} ${destinationText(one)} not taken (${one.code ?? ''}): the next one is tried`;
    case 'nobody':
      return `nobody to page at ${place}: ${nobodyText(one.code ?? '', one.reason ?? '')}`;
    case 'held':
      return `kept quiet by ${holdText(one.reason ?? '', one.by ?? '')}${until}`;
    case 'released':
      return 'kept quiet no longer';
    case 'handed_over':
      return `the shift changed: who has it now is paged at ${place}`;
    case 'timed_out':
      return `nobody acknowledged at ${place} in time`;
    case 'unreachable':
      return `${place} could not be reached in time`;
    case 'exhausted':
      return 'everybody was paged, nobody acknowledged';
    case 'acknowledged':
      return `acknowledged by ${one.by ?? ''} via ${one.via ?? ''}`;
    case 'snoozed':
      return `snoozed${who}${until}`;
    case 'reopened':
      return `pages again${who}: ${REOPENED[one.reason ?? ''] ?? one.reason ?? ''}`;
    case 'responders_added':
      return `responders added${who}`;
    case 'severity_changed':
      return `severity changed to ${one.reason ?? ''}${who}`;
    case 'policy_changed':
      return `follows ${one.reason ?? ''}, version ${one.revision ?? '?'}${who}`;
    case 'resolved':
      return `alert resolved: ${one.reason ?? ''}${one.by ? ` (${one.by})` : ''}`;
    default:
      return [one.kind, one.routingKey, one.channel, one.code]
        .filter((part) => part !== undefined && part !== '')
        .join(' ');
  }
}

/** `(on-call-a, mail)`. */
function destinationText({ person, channel, routingKey }: AlertTransition): string {
  const named = [person, channel, routingKey].filter((part) => part !== undefined && part !== '');
  return `(${named.join(', ')})`;
}
