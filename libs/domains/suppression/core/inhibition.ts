import type { Firing } from './firing';
import { type Matcher, matches, valueOf } from './matcher';
import { satisfiable } from './satisfiable';

/** While an alert matches `source`, others that match `target` and have the same values of the labels `equal` are muted. */
export interface InhibitionDefinition {
  readonly description?: string | undefined;
  readonly enabled: boolean;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}
export interface InhibitionRule extends InhibitionDefinition {
  readonly id: string;
}

/** The open alert that mutes a target of the rule: never the alert itself. A label that neither has is equal. */
export const inhibitorOf = (
  { source, equal }: InhibitionRule,
  target: Firing,
  open: readonly Firing[],
): Firing | undefined =>
  open.find(
    (one) =>
      one.alertId !== target.alertId &&
      equal.every((label) => valueOf(one.labels, label) === valueOf(target.labels, label)) &&
      matches(source, one.labels),
  );

/** What a source, or a target, of a rule is: where a label has to be equal, it is also what the rule asks of the other. */
const sideOf = (own: readonly Matcher[], other: readonly Matcher[], equal: readonly string[]): Matcher[] => [
  ...own,
  ...other.filter(({ label }) => equal.includes(label)),
];

/** Which rules may go on from which: an alert can be a target of the one and a source of the other. */
function followers(rules: readonly InhibitionRule[]): Map<string, string[]> {
  const sides = rules.map(({ id, source, target, equal }) => ({
    id,
    source: sideOf(source, target, equal),
    target: sideOf(target, source, equal),
  }));
  return new Map(
    sides.map((one) => [
      one.id,
      sides.filter((next) => satisfiable([...one.target, ...next.source])).map(({ id }) => id),
    ]),
  );
}

/** The shortest cycle that a rule is on, among those that are enabled: alerts could mute each other around it, and nobody would be told of any. By ids in their order, from the rule on; undefined where there is none. */
export const cycleThrough = (rules: readonly InhibitionRule[], id: string): string[] | undefined =>
  wayBack(followers(rules.filter(({ enabled }) => enabled)), id);

/** Every rule that is on a cycle. Two changes at the same time can make one that neither sees. */
export function rulesOnCycles(rules: readonly InhibitionRule[]): Set<string> {
  const next = followers(rules.filter(({ enabled }) => enabled));
  return new Set([...next.keys()].filter((id) => wayBack(next, id) !== undefined));
}

/** The shortest way from a rule back to it: breadth first. */
function wayBack(next: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const one of next.get(at) ?? []) {
      if (one === start) {
        const way = [at];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!);
        return way;
      }
      if (cameFrom.has(one)) continue;
      cameFrom.set(one, at);
      queue.push(one);
    }
  }
  return undefined;
}
