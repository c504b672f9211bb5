import type { AgreedField, DuplicatePolicy, FieldRank, Hop } from '@holdfast/domains/catalog/core/process';
import { hopName } from '@holdfast/domains/catalog/core/topology';
import { exactDecimal, exactNumber } from '@holdfast/domains/tracking/core/exact-json';
import { decimalText, type Micros, sumOf } from '@holdfast/kernel';
import { agree, decimal } from './agree';
import { pairUp } from './pair-up';
import type { DiscrepancyKind } from './window';

/** An event of a key that counts at a stage: the values of the agreed fields, in the definition's order. */
export interface Sighting {
  readonly values: readonly unknown[];
  /** When it happened. */
  readonly at: Micros;
  /** The same, if that was after the window and its grace; else 0. */
  readonly lateAt: Micros;
}

/** What is compared, and when a window's data was due. */
export interface Terms {
  readonly stages: readonly string[];
  readonly hops: readonly Hop[];
  readonly fields: readonly AgreedField[];
  readonly duplicates: DuplicatePolicy;
  /** End of the window and its grace. */
  readonly deadline: Micros;
}

export interface Discrepancy {
  readonly key: string;
  readonly kind: DiscrepancyKind;
  /** Where it was to arrive, or did; several joined by `+`. */
  readonly stage: string;
  /** From the stage before; the first stage alone where it is late itself. */
  readonly hop: string;
  /** The fields that differ, for `mutated`, those that matter most first. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  /** Of a field that differs: how much the one matters that matters most. Everything else is critical. */
  readonly rank: FieldRank;
  /** When the first of the events happened that it is about. */
  readonly since: Micros;
}

/**
 * This decides what a discrepancy is. Compares one business key at every hop:
 * - `missing`: something that was sent did not arrive, not even changed; where each is to arrive at least once, another's parts do not make up for it
 * - `orphan`: something arrived that was never sent
 * - `duplicate`: more arrived than were sent, where each is to arrive once (1:1); more than one where several are to become one (n:1)
 * - `mutated`: an event arrived, but an agreed field differs beyond its tolerance, or a sum does
 * - `late`: an event happened after the window and its grace
 * Of one stage and kind the first hop tells, and names what is wrong on the others.
 */
export function compareKey(key: string, seen: ReadonlyMap<string, readonly Sighting[]>, terms: Terms): Discrepancy[] {
  const found = new Map<string, Discrepancy>();
  const teller = (stage: string, hop: string, since: Micros): Tell => {
    return (kind, expected, was, field = '', rank = 'critical') => {
      const name = `${stage}/${kind}`;
      const known = found.get(name);
      const told = { key, kind, stage, hop, field, expected: text(expected), found: text(was), rank, since };
      // Whoever accepts it accepts all that is wrong on the way to the stage.
      const more = (of: 'expected' | 'found'): string => `${known![of]} | ${hop}: ${told[of]}`;
      found.set(name, known ? { ...known, expected: more('expected'), found: more('found') } : told);
    };
  };
  for (const hop of terms.hops) {
    const [sent, arrived] = [hop.from, hop.to].map((stages) => stages.flatMap((stage) => seen.get(stage) ?? []));
    compareHop(sent!, arrived!, hop, terms, teller(hop.to.join('+'), hopName(hop), earliest(sent!, arrived!)));
  }
  for (const stage of terms.stages) {
    const latest = (seen.get(stage) ?? []).reduce((last, { lateAt }) => Math.max(last, lateAt), 0);
    const into = terms.hops.find(({ to }) => to.includes(stage));
    if (latest > 0) teller(stage, into ? hopName(into) : stage, latest)('late', terms.deadline, latest);
  }
  return [...found.values()];
}

type Tell = (kind: DiscrepancyKind, expected: unknown, found: unknown, field?: string, rank?: FieldRank) => void;

const earliest = (...sides: (readonly Sighting[])[]): Micros => {
  const [first = []] = sides.filter(({ length }) => length > 0);
  return first.reduce((least, { at }) => Math.min(least, at), Infinity);
};

function compareHop(
  sent: readonly Sighting[],
  arrived: readonly Sighting[],
  { cardinality }: Hop,
  terms: Terms,
  tell: Tell,
): void {
  if (sent.length === 0 && arrived.length === 0) return;
  if (sent.length === 0) return tell('orphan', 0, arrived.length);
  if (arrived.length === 0) return tell('missing', sent.length, 0);
  const { fields, duplicates } = terms;
  const matches = (one: Sighting, other: Sighting): boolean =>
    fields.every(
      (field, i) => field.compare === 'sum' || agree(one.values[i], other.values[i], field.tolerance, field.nulls),
    );
  const unpaired = pairUp(sent, arrived, matches, nameOf);
  const [sentOnce, arrivesOnce] = [cardinality.startsWith('1'), cardinality.endsWith('1')];
  // Where one may have several on the other side, what has no partner of its own may be a further one of something that has.
  const lost = sentOnce ? unpaired.sent : unpaired.sent.filter((one) => !arrived.some((it) => matches(one, it)));
  const strange =
    arrivesOnce && sentOnce ? unpaired.arrived : unpaired.arrived.filter((one) => !sent.some((it) => matches(it, one)));
  const gone = Math.max(0, lost.length - strange.length);
  if (gone > 0) tell('missing', arrivesOnce && sentOnce ? sent.length : `${sent.length} or more`, sent.length - gone);
  if (arrivesOnce) {
    const others = new Set(strange.filter((one) => !sent.some((it) => matches(it, one))).map(nameOf)).size;
    tellDuplicates(sentOnce ? sent.length : 1, arrived, others > lost.length, duplicates, tell);
  }
  const differs = sentOnce && arrivesOnce ? Math.min(lost.length, strange.length) : strange.length;
  const pairs = strange.slice(0, differs).map((is, i): [Sighting, Sighting] => [lost[i] ?? sent[0]!, is]);
  tellMutated([...differingValues(pairs, fields), ...differingSums(sent, arrived, fields)], tell);
}

/** @param anyStranger more arrived than was sent, and some of it says what nothing does that was sent */
function tellDuplicates(
  due: number,
  arrived: readonly Sighting[],
  anyStranger: boolean,
  policy: DuplicatePolicy,
  tell: Tell,
): void {
  if (policy === 'allow' || arrived.length <= due) return;
  const isTold = policy === 'report' || anyStranger || new Set(arrived.map(nameOf)).size > due;
  if (isTold) tell('duplicate', due, arrived.length);
}

const nameOf = ({ values }: Sighting): string => JSON.stringify(values);

/** A field that two sides do not agree on. */
interface Differing {
  readonly field: AgreedField;
  readonly was: unknown;
  readonly is: unknown;
}

/** Pairs that are shown of what differs; how many more there are is said. */
const MOST_SHOWN = 100;

/** The fields that some pair differs in. Of several pairs the values of all are told: whoever accepts one accepts them together. */
function differingValues(
  pairs: readonly (readonly [Sighting, Sighting])[],
  fields: readonly AgreedField[],
): Differing[] {
  return fields.flatMap((field, i) => {
    if (field.compare === 'sum') return [];
    const agrees = ([was, is]: readonly [Sighting, Sighting]): boolean =>
      agree(was.values[i], is.values[i], field.tolerance, field.nulls);
    if (pairs.every(agrees)) return [];
    const side = (of: 0 | 1): unknown => listed(pairs.map((pair) => pair[of].values[i] ?? null));
    return [{ field, was: side(0), is: side(1) }];
  });
}

function listed(values: readonly unknown[]): unknown {
  if (values.length === 1) return values[0];
  const more = values.length - MOST_SHOWN;
  return more > 0 ? [...values.slice(0, MOST_SHOWN), `and ${more} more`] : values;
}

/** Fields of which the totals of two sides are compared. */
const differingSums = (
  sent: readonly Sighting[],
  arrived: readonly Sighting[],
  fields: readonly AgreedField[],
): Differing[] =>
  fields.flatMap((field, i) => {
    if (field.compare !== 'sum') return [];
    const [was, is] = [sent, arrived].map((side) => totalOf(side.map(({ values }) => values[i])));
    return agree(was, is, field.tolerance, field.nulls) ? [] : [{ field, was, is }];
  });

/** Null where no event says a number; where one says something else, that: it agrees with no total. */
function totalOf(values: readonly unknown[]): unknown {
  const said = values.filter((value) => value !== null && value !== undefined);
  if (said.length === 0) return null;
  const numbers = said.map(decimal);
  const stranger = numbers.findIndex((one) => one === undefined);
  if (stranger >= 0) return said[stranger];
  const sum = sumOf(numbers.map((one) => one!));
  return sum ? exactNumber(decimalText(sum)) : said;
}

const RANKS: Readonly<Record<FieldRank, number>> = { critical: 0, major: 1, minor: 2 };
const rankOf = ({ field }: Differing): FieldRank => field.rank ?? 'major';

function tellMutated(differing: readonly Differing[], tell: Tell): void {
  if (differing.length === 0) return;
  const ordered = differing.toSorted((a, b) => RANKS[rankOf(a)] - RANKS[rankOf(b)]);
  const pick = (side: 'was' | 'is'): unknown => Object.fromEntries(ordered.map((one) => [one.field.name, one[side]]));
  tell('mutated', pick('was'), pick('is'), ordered.map(({ field }) => field.name).join(', '), rankOf(ordered[0]!));
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, (_name, of: unknown) => exactDecimal(of) ?? of);
