import type { Find, Lookup } from './event-mapper';
import { elementOf, type Segment, tagOf } from './edi-segments';

/** A message, or one of the parts that it is divided into. */
export interface EdiRecord {
  /** From the segment that begins the record. */
  readonly own: readonly Segment[];
  /** What the records of a message share: headers of interchange and group, what stands before the first record and behind the last. */
  readonly shared: readonly Segment[];
}

/** One step of a path: `N1`, `N1[1=ST]`, `N1[2]`. */
interface Step {
  readonly tag: string;
  /** From 1. */
  readonly occurrence: number;
  readonly where: { readonly element: number; readonly component: number; readonly is: string } | undefined;
}

/** The address may hold dots within its brackets: the element is what stands behind the last one. */
const PATH = /^((?:[A-Z0-9/]|\[[^\][]{1,90}\])+)\.(\d{1,2})(?:\.(\d{1,2}))?$/;
const STEP = /^([A-Z][A-Z0-9]{1,2})(?:\[(?:(\d{1,4})|(\d{1,2})(?:\.(\d{1,2}))?=([^\][/]{1,80}))\])?$/;

/**
 * A path such as `BEG.3`, `NAD[1=BY].2.1` or `N1[1=ST]/N4.1`: element and component count from 1, and a component that is not named is the first. Behind a
 * slash stands the first such segment that follows, before another one with the tag of the step before. It is looked for in the record, then in what is shared.
 */
export const ediLookup: Lookup<EdiRecord> = (path): Find<EdiRecord> | undefined => {
  const [, address = '', element = '', component = '1'] = PATH.exec(path) ?? [];
  const steps = address.split('/').map(stepOf);
  if (Number(element) < 1 || Number(component) < 1 || steps.some((step) => step === undefined)) return undefined;
  const wanted = steps as readonly Step[];
  return ({ own, shared }) => {
    const segment = find(own, wanted) ?? find(shared, wanted);
    const text = segment && elementOf(segment, Number(element), Number(component));
    return text === '' ? undefined : text;
  };
};

function stepOf(text: string): Step | undefined {
  const [, tag, occurrence, element, component = '1', is] = STEP.exec(text) ?? [];
  if (tag === undefined || Number(occurrence ?? 1) < 1 || Number(element ?? 1) < 1) return undefined;
  const where =
    element === undefined ? undefined : { element: Number(element), component: Number(component), is: is ?? '' };
  return { tag, occurrence: Number(occurrence ?? 1), where };
}

function find(segments: readonly Segment[], steps: readonly Step[]): Segment | undefined {
  let [from, to] = [0, segments.length];
  let found: Segment | undefined;
  for (const step of steps) {
    const at = positionOf(segments, from, to, step);
    if (at < 0) return undefined;
    found = segments[at]!;
    from = at + 1;
    for (let next = from; next < to; next++)
      if (tagOf(segments[next]!) === step.tag) {
        to = next;
        break;
      }
  }
  return found;
}

function positionOf(segments: readonly Segment[], from: number, to: number, step: Step): number {
  const { tag, occurrence, where } = step;
  let seen = 0;
  for (let at = from; at < to; at++) {
    const segment = segments[at]!;
    if (tagOf(segment) !== tag || (where && elementOf(segment, where.element, where.component) !== where.is)) continue;
    if (++seen === occurrence) return at;
  }
  return -1;
}
