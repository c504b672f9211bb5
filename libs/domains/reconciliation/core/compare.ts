import type { AgreedField, Cardinality } from '@holdfast/domains/catalog/core/process';
import { exactDecimal } from '@holdfast/domains/tracking/core/exact-json';
import type { Micros } from '@holdfast/kernel';
import { agree } from './agree';
import { pairUp } from './pair-up';
import type { DiscrepancyKind } from './window';

/** An event of a key that counts at a stage: the values of the agreed fields, in the definition's order. */
export interface Sighting {
  readonly values: readonly unknown[];
  /** When it happened, if that was after the window and its grace; else 0. */
  readonly lateAt: Micros;
}

/** What is compared, and when a window's data was due. */
export interface Terms {
  readonly stages: readonly string[];
  readonly fields: readonly AgreedField[];
  readonly cardinality: Cardinality;
  /** End of the window and its grace. */
  readonly deadline: Micros;
}

export interface Discrepancy {
  readonly key: string;
  readonly kind: DiscrepancyKind;
  readonly stage: string;
  /** From the stage before; the first stage alone where it is late itself. */
  readonly hop: string;
  /** The fields that differ, for `mutated`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * This decides what a discrepancy is. Compares one business key at every hop, stage to next stage:
 * - `missing`: something that was sent did not arrive, not even changed; in 1:n, where each is to arrive at least once, another's parts do not make up for it
 * - `orphan`: something arrived that was never sent
 * - `duplicate`: more arrived than were sent, where each is to arrive once (1:1)
 * - `mutated`: an event arrived, but an agreed field differs beyond its tolerance
 * - `late`: an event happened after the window and its grace
 */
export function compareKey(key: string, seen: ReadonlyMap<string, readonly Sighting[]>, terms: Terms): Discrepancy[] {
  const found: Discrepancy[] = [];
  terms.stages.forEach((stage, index) => {
    const arrived = seen.get(stage) ?? [];
    const before = terms.stages[index - 1];
    const hop = before === undefined ? stage : `${before}->${stage}`;
    const tell = (kind: DiscrepancyKind, expected: unknown, was: unknown, field = ''): void => {
      found.push({ key, kind, stage, hop, field, expected: text(expected), found: text(was) });
    };
    if (before !== undefined) compareHop(seen.get(before) ?? [], arrived, terms, tell);
    const latest = arrived.reduce((last, { lateAt }) => Math.max(last, lateAt), 0);
    if (latest > 0) tell('late', terms.deadline, latest);
  });
  return found;
}

type Tell = (kind: DiscrepancyKind, expected: unknown, found: unknown, field?: string) => void;

function compareHop(
  sent: readonly Sighting[],
  arrived: readonly Sighting[],
  { fields, cardinality }: Terms,
  tell: Tell,
): void {
  if (sent.length === 0 && arrived.length === 0) return;
  if (sent.length === 0) return tell('orphan', 0, arrived.length);
  if (arrived.length === 0) return tell('missing', sent.length, 0);
  const matches = (one: Sighting, other: Sighting): boolean =>
    fields.every(({ tolerance }, i) => agree(one.values[i], other.values[i], tolerance));
  const unpaired = pairUp(sent, arrived, matches, ({ values }) => JSON.stringify(values));
  // In 1:n, what has no partner of its own may be a further part of something that was sent.
  const strange =
    cardinality === '1:1' ? unpaired.arrived : unpaired.arrived.filter((one) => !sent.some((it) => matches(it, one)));
  const lost = Math.max(0, unpaired.sent.length - strange.length);
  if (lost > 0) tell('missing', cardinality === '1:1' ? sent.length : `${sent.length} or more`, sent.length - lost);
  if (cardinality === '1:1' && arrived.length > sent.length) tell('duplicate', sent.length, arrived.length);
  const differs = cardinality === '1:1' ? Math.min(unpaired.sent.length, strange.length) : strange.length;
  if (differs === 0) return;
  const [was, is] = [unpaired.sent[0] ?? sent[0]!, strange[0]!];
  const differ = fields.filter(({ tolerance }, i) => !agree(was.values[i], is.values[i], tolerance));
  const pick = ({ values }: Sighting): unknown =>
    Object.fromEntries(differ.map((field) => [field.name, values[fields.indexOf(field)] ?? null]));
  tell('mutated', pick(was), pick(is), differ.map(({ name }) => name).join(', '));
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, (_name, of: unknown) => exactDecimal(of) ?? of);
