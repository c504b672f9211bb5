import type { AgreedField, Cardinality } from '@holdfast/domains/catalog/core/process';
import { exactDecimal } from '@holdfast/domains/tracking/core/exact-json';
import type { Micros } from '@holdfast/kernel';
import { agree } from './agree';
import { pairUp } from './pair-up';
import type { DiscrepancyKind } from './window';

/** An event of a key that counts at a stage: the values of the agreed fields, in the definition's order. */
export interface Sighting {
  readonly values: readonly unknown[];
  readonly occurredAt: Micros;
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
 * - `missing`: fewer events arrived than were sent
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
    const latest = arrived.reduce((last, { occurredAt }) => Math.max(last, occurredAt), -Infinity);
    if (latest > terms.deadline) tell('late', terms.deadline, latest);
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
  if (cardinality === '1:1') {
    if (arrived.length < sent.length) tell('missing', sent.length, arrived.length);
    if (arrived.length > sent.length) tell('duplicate', sent.length, arrived.length);
  } else if (arrived.length < sent.length) tell('missing', `${sent.length} or more`, arrived.length);
  if (fields.length === 0) return;

  const matches = (one: Sighting, other: Sighting): boolean =>
    fields.every(({ tolerance }, i) => agree(one.values[i], other.values[i], tolerance));
  // 1:1 pairs events off; in 1:n each that arrived agrees with one that was sent, however many share it.
  const unpaired =
    cardinality === '1:1'
      ? pairUp(sent, arrived, matches)
      : { sent: [], arrived: arrived.filter((one) => !sent.some((other) => matches(other, one))) };
  const differing =
    cardinality === '1:1' ? Math.min(unpaired.sent.length, unpaired.arrived.length) : unpaired.arrived.length;
  if (differing === 0) return;
  const [was, is] = [unpaired.sent[0] ?? sent[0]!, unpaired.arrived[0]!];
  const differ = fields.filter(({ tolerance }, i) => !agree(was.values[i], is.values[i], tolerance));
  const pick = ({ values }: Sighting): unknown =>
    Object.fromEntries(differ.map((field) => [field.name, values[fields.indexOf(field)] ?? null]));
  tell('mutated', pick(was), pick(is), differ.map(({ name }) => name).join(', '));
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, (_name, of: unknown) => exactDecimal(of) ?? of);
