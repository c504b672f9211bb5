import { agree } from '@holdfast/domains/reconciliation/core/agree';
import type { Discrepancy } from '@holdfast/domains/reconciliation/core/compare';
import { isDecidable, type DiscrepancyKind } from '@holdfast/domains/reconciliation/core/window';
import type { Micros } from '@holdfast/kernel';

/** What a rule is about: all that is given must be so. Lists: one of them. */
export interface RuleMatch {
  readonly processes?: readonly string[] | undefined;
  readonly stages?: readonly string[] | undefined;
  /** `hub->erp`: from a stage to the next. */
  readonly hops?: readonly string[] | undefined;
  readonly kinds?: readonly DiscrepancyKind[] | undefined;
  /** Every field that differs is one of these; what differs in none, such as a missing key, does not match. */
  readonly fields?: readonly string[] | undefined;
  /** A regular expression that is found in the key. */
  readonly keyPattern?: string | undefined;
  /** How many open discrepancies of the window's revision all else matches, age and count apart. */
  readonly count?: { readonly least?: number | undefined; readonly most?: number | undefined } | undefined;
  /** By how much the two sides of a field differ, in its own unit: by more than, and by at most. */
  readonly amount?:
    | { readonly field: string; readonly moreThan?: number | undefined; readonly atMost?: number | undefined }
    | undefined;
  /** Since it was first seen, in seconds. */
  readonly age?: { readonly leastSeconds?: number | undefined; readonly mostSeconds?: number | undefined } | undefined;
}

export type RuleAction =
  /** Nobody is paged for it until so many seconds after the window's end, or until the stage has an event of a fact at or after that end. Then the rule matches no more. */
  | { readonly kind: 'wait'; readonly seconds: number; readonly untilStage?: string | undefined }
  /** The source is asked to send the keys again, this often at most for each discrepancy; then the window is judged again. */
  | {
      readonly kind: 'replay';
      readonly connector: string;
      readonly batch: number;
      readonly attempts: number;
      readonly timeoutSeconds: number;
      /** From the last request until the window is judged again. */
      readonly settleSeconds: number;
    }
  | { readonly kind: 'accept'; readonly reason: string }
  /** Pages at once; by the process's policy when none is named. */
  | { readonly kind: 'escalate'; readonly policy?: string | undefined };

/** What becomes of discrepancies without a person. */
export interface RuleDefinition {
  readonly description?: string | undefined;
  readonly enabled: boolean;
  /** Rules are asked from the lowest on, those of the same by id; the first that matches decides. */
  readonly priority: number;
  readonly match: RuleMatch;
  readonly action: RuleAction;
}

export interface Rule extends RuleDefinition {
  readonly id: string;
  readonly version: number;
}

/** A discrepancy as rules see it. */
export interface Case extends Discrepancy {
  readonly firstSeenAt: Micros;
  /** How often the rule of this id has had it sent again, and whether that is still under way. */
  readonly replays: (rule: string) => { readonly tried: number; readonly isUnderWay: boolean };
}

/** What is so for all discrepancies of a window. */
export interface Circumstances {
  readonly process: string;
  /** The window's end. */
  readonly to: Micros;
  readonly at: Micros;
  /** How many discrepancies a rule is about, by its id; needed of rules with bounds. */
  readonly counts: ReadonlyMap<string, number>;
  /** How far each stage has come. */
  readonly reached: ReadonlyMap<string, Micros>;
}

export interface Choice {
  /** None: it stays open for people. */
  readonly rule: Rule | undefined;
  /** When another answer may be due, because of time alone. */
  readonly wakeAt: Micros | undefined;
  /** The rule decided it before, and what came of it is not known yet. */
  readonly isUnderWay?: true;
}

const SECOND: Micros = 1_000_000;
/** How long it takes until a stage that is waited for is looked at again: a quarter of what was waited, within these. */
const SHORTEST_LOOK: Micros = 60 * SECOND;
const LONGEST_LOOK: Micros = 3600 * SECOND;

/** Rules that are enabled, in the order in which they are asked. */
export const inOrder = (rules: readonly Rule[]): Rule[] =>
  rules
    .filter(({ enabled }) => enabled)
    .toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** Rules made ready to be asked many times: patterns are compiled once. They were checked to take linear time when they were stored. */
export class Rulebook {
  readonly rules: readonly Rule[];
  private readonly patterns: ReadonlyMap<Rule, RegExp>;
  readonly needsCounts: boolean;
  readonly replays: boolean;
  readonly needsReached: boolean;

  constructor(rules: readonly Rule[], process: string) {
    this.rules = inOrder(rules).filter(({ match }) => match.processes?.includes(process) ?? true);
    this.patterns = new Map(
      this.rules.flatMap((rule) =>
        rule.match.keyPattern === undefined ? [] : [[rule, new RegExp(rule.match.keyPattern, 'u')] as const],
      ),
    );
    this.needsCounts = this.rules.some(({ match }) => match.count !== undefined);
    this.replays = this.rules.some(({ action }) => action.kind === 'replay');
    this.needsReached = this.rules.some(({ action }) => action.kind === 'wait' && action.untilStage !== undefined);
  }

  /** Whether a rule is about a discrepancy, as far as that never changes: age, count and what was tried before left out. */
  isAbout(rule: Rule, one: Discrepancy): boolean {
    const { stages, hops, kinds, fields, amount } = rule.match;
    return (
      isDecidable(one.kind) &&
      (stages?.includes(one.stage) ?? true) &&
      (hops?.includes(one.hop) ?? true) &&
      (kinds?.includes(one.kind) ?? true) &&
      (!fields || (one.field !== '' && one.field.split(', ').every((field) => fields.includes(field)))) &&
      (this.patterns.get(rule)?.test(one.key) ?? true) &&
      (!amount || isWithin(one, amount))
    );
  }

  /** The first rule that matches decides; a rule whose wait is over, or whose tries are used up, matches no more. */
  choose(one: Case, now: Circumstances): Choice {
    let wakeAt: Micros | undefined;
    const wake = (at: Micros): void => void (wakeAt = Math.min(wakeAt ?? at, at));
    for (const rule of this.rules) {
      const { age, count } = rule.match;
      if (!this.isAbout(rule, one) || !isBetween(now.counts.get(rule.id) ?? 0, count)) continue;
      const ripe = one.firstSeenAt + (age?.leastSeconds ?? 0) * SECOND;
      if (age?.mostSeconds !== undefined && now.at > one.firstSeenAt + age.mostSeconds * SECOND) continue;
      if (now.at < ripe) {
        wake(ripe);
        continue;
      }
      if (age?.mostSeconds !== undefined) wake(one.firstSeenAt + age.mostSeconds * SECOND + 1);
      const { action } = rule;
      if (action.kind === 'replay') {
        const { tried, isUnderWay } = one.replays(rule.id);
        if (isUnderWay) {
          wake(now.at + LOOK_AFTER_REPLAY); // should it never end
          return { rule, wakeAt, isUnderWay };
        }
        if (tried >= action.attempts) continue;
      }
      if (action.kind === 'wait') {
        const until = waitsUntil(action, now);
        if (until === undefined) continue;
        wake(until);
      }
      return { rule, wakeAt };
    }
    return { rule: undefined, wakeAt };
  }
}

/** A replay that has not ended is looked after once a day. */
const LOOK_AFTER_REPLAY: Micros = 86_400 * SECOND;

function waitsUntil({ seconds, untilStage }: RuleAction & { kind: 'wait' }, now: Circumstances): Micros | undefined {
  const end = now.to + seconds * SECOND;
  if (now.at >= end) return undefined;
  if (untilStage === undefined) return end;
  if ((now.reached.get(untilStage) ?? 0) >= now.to) return undefined;
  const pause = Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, (now.at - now.to) / 4));
  return Math.min(end, now.at + Math.round(pause));
}

function isBetween(n: number, bounds: RuleMatch['count']): boolean {
  return !bounds || (n >= (bounds.least ?? 0) && n <= (bounds.most ?? Infinity));
}

/** Two numbers of any size are at most this far apart, and two things that are no numbers never are. */
const ANY_NUMBER = 1e300;

/** Exact, as people reckon. Of what is no number on one side, or does not differ in the field, no amount is known: it does not match. */
function isWithin(one: Discrepancy, { field, moreThan, atMost }: NonNullable<RuleMatch['amount']>): boolean {
  const [a, b] = [valueOf(one.expected, field), valueOf(one.found, field)];
  if (a === undefined || b === undefined) return false;
  const isApartBy = (by: number): boolean => agree(a, b, { kind: 'absolute', by });
  return isApartBy(ANY_NUMBER) && (moreThan === undefined || !isApartBy(moreThan)) && isApartBy(atMost ?? ANY_NUMBER);
}

/** The value of a field in a side of a `mutated` discrepancy, which is a JSON object of the fields that differ. */
function valueOf(side: string, field: string): unknown {
  try {
    const fields: unknown = JSON.parse(side);
    if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, field)) return undefined;
    return (fields as Record<string, unknown>)[field];
  } catch {
    return undefined;
  }
}
