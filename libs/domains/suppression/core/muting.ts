import type { Micros } from '@holdfast/kernel';
import { type InhibitionRule, inhibitorOf } from './inhibition';
import type { Firing } from './firing';
import { type Matcher, matches } from './matcher';
import type { Span, WindowDefinition } from './window';

export type { Firing } from './firing';
export type { Labels } from './matcher';

/** Who mutes; `until`: look again at the latest then (a window's end; undefined: unknown, look again when something changes or in a minute). */
export interface Muting {
  readonly kind: 'window' | 'inhibition' | 'flapping';
  /** Id of the window or the rule. */
  readonly by: string;
  readonly until: Micros | undefined;
}

/** A window with when it mutes: joined spans around the instant that is asked for. */
export interface PlacedWindow {
  readonly id: string;
  readonly definition: WindowDefinition;
  readonly spans: readonly (Span & { readonly isOpenEnded?: boolean })[];
}

/** An alert that was raised `raises` times within `withinSeconds` is muted until it has been open for `calmSeconds` without a break. */
export interface FlappingDefinition {
  readonly description?: string | undefined;
  readonly enabled: boolean;
  readonly matchers: readonly Matcher[];
  readonly raises: number;
  readonly withinSeconds: number;
  readonly calmSeconds: number;
}
export interface FlappingRule extends FlappingDefinition {
  readonly id: string;
}

/** The window that mutes an alert for longest; of equals the first by id. One whose end is not known yet is told without it, where none is known to last. */
export function windowMuting(windows: readonly PlacedWindow[], alert: Firing, at: Micros): Muting | undefined {
  const all = windows
    .filter(({ definition }) => definition.enabled && matches(definition.matchers, alert.labels))
    .flatMap(({ id, spans }) => spans.map(({ from, to, isOpenEnded }) => ({ id, from, to, isOpenEnded })))
    .filter(({ from, to }) => from <= at && at < to)
    // Under way: it may end at any time, or as late as its span does.
    .map(({ id, to, isOpenEnded }) => ({ by: id, until: isOpenEnded ? undefined : to }))
    .sort((a, b) => (b.until ?? at) - (a.until ?? at) || (a.by < b.by ? -1 : 1));
  return all[0] && { kind: 'window', ...all[0] };
}

/** Rules whose target an alert is: only for these other alerts have to be looked at. */
export const aimedAt = (rules: readonly InhibitionRule[], alert: Firing): InhibitionRule[] =>
  rules.filter(({ enabled, target }) => enabled && matches(target, alert.labels));

/** @param rules that are aimed at the alert @param open every alert that is open, whether it is muted or not */
export function inhibitionMuting(
  rules: readonly InhibitionRule[],
  alert: Firing,
  open: readonly Firing[],
): Muting | undefined {
  const rule = rules.find((one) => inhibitorOf(one, alert, open) !== undefined);
  return rule && { kind: 'inhibition', by: rule.id, until: undefined };
}

const SECOND: Micros = 1_000_000;
/** By how much the clocks of machines may differ. */
const SKEW = 60 * SECOND;

/**
 * Until when a rule may keep an alert back; undefined where it is not about it, or the alert has been open for long enough. One that was raised in the future, as it seems, is not kept back: a
 * clock has jumped, and nobody knows for how long it has been open.
 */
export function calmAt(rule: FlappingRule, { labels, raisedAt }: Firing, at: Micros): Micros | undefined {
  const until = raisedAt + rule.calmSeconds * SECOND;
  if (!rule.enabled || at >= until || raisedAt > at + SKEW) return undefined;
  return matches(rule.matchers, labels) ? until : undefined;
}

/** Raises from here on count, the alert's own too. */
export const countedFrom = ({ withinSeconds }: FlappingRule, { raisedAt }: Firing): Micros =>
  raisedAt - withinSeconds * SECOND;
