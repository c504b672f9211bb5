import { applyTo, type Pseudonyms } from './actions';
import { type Action, CATEGORIES, type DataClass, SENSITIVITIES, storedAs } from './classes';
import { bitOf } from './detect';
import { asciiJson } from './edits';
import { actionFor, actionsIn, classOf, type Detector, DETECTORS, type PrivacyPolicyDefinition } from './policy';

/** What one class means in one environment, worked out once. */
export interface Treatment {
  readonly class: string;
  readonly meaning: DataClass;
  readonly action: Action;
  /** What is left of it in the record: its category as a bit, the place of its sensitivity among all. */
  readonly categoryBit: number;
  readonly rank: number;
  /** What stands in a text's place. */
  apply(text: string): Replacement;
}

export interface Replacement {
  /** null for `null` and `drop`, which leave no text. */
  readonly text: string | null;
  /** As JSON in ASCII. */
  readonly json: string;
}

/** Fields' classes by path, as a data contract tells them. */
export type FieldClasses = ReadonlyMap<string, string>;

/** A policy in one environment, made ready: every question about a field is one look-up. */
export class Plan {
  private readonly treatments = new Map<string, Treatment>();
  private readonly names = new Map<string, Treatment>();
  private readonly paths: (readonly [parts: readonly string[], Treatment])[] = [];
  /** Detectors that run, as bits. */
  readonly wanted: number;
  private readonly detected = new Map<Detector, Treatment>();

  constructor(
    private readonly policy: PrivacyPolicyDefinition,
    private readonly environment: string,
    private readonly pseudonyms: Pseudonyms,
  ) {
    for (const rule of policy.rules) {
      const treatment = this.treatment(rule.class);
      for (const name of rule.names) if (!this.names.has(plainName(name))) this.names.set(plainName(name), treatment);
      for (const path of rule.paths) this.paths.push([path.split('.'), treatment]);
    }
    for (const detector of policy.detectors) this.detected.set(detector, this.treatment(detector));
    this.wanted = DETECTORS.reduce((bits, one) => (this.detected.has(one) ? bits | bitOf(one) : bits), 0);
  }

  /** Of a class; one that nobody knows is taken for personal. */
  treatment(name: string): Treatment {
    const known = this.treatments.get(name);
    if (known) return known;
    const meaning = classOf(this.policy, name);
    if (!meaning) return this.treatment('personal');
    const action = actionFor(actionsIn(this.policy, this.environment), name);
    const left = storedAs(meaning, action);
    const made: Treatment = {
      class: name,
      meaning,
      action,
      categoryBit: left.category === 'none' ? 0 : 1 << CATEGORIES.indexOf(left.category),
      rank: SENSITIVITIES.indexOf(left.sensitivity),
      apply: remembering((text) => replacement(applyTo(name, action, text, this.pseudonyms))),
    };
    this.treatments.set(name, made);
    return made;
  }

  of(detector: Detector): Treatment {
    return this.detected.get(detector)!;
  }

  /** The policy's word on a path, then the contract's, then the policy's on a name. @param path of member names */
  field(path: readonly string[], contract: FieldClasses | undefined): Treatment | undefined {
    const byPath = this.paths.find(([parts]) => matches(parts, path));
    if (byPath) return byPath[1];
    const agreed = contract?.get(path.join('.'));
    if (agreed !== undefined) return this.treatment(agreed);
    return this.names.get(plainName(path.at(-1)!));
  }

  /** What stands in the place of a field beside the data; tokens, where anything is to be done at all, so that events still meet. */
  identifier(field: 'key' | 'correlationId', text: string): string {
    const name = this.policy.identifiers[field];
    if (name === undefined || text === '') return text;
    const { class: of, action } = this.treatment(name);
    return action === 'keep' ? text : applyTo(of, 'tokenise', text, this.pseudonyms)!;
  }
}

const replacement = (text: string | null): Replacement => ({ text, json: text === null ? 'null' : asciiJson(text) });

/** Values of a class whose replacements are remembered, twice: one object of a business is told of by several systems within a short time. */
const REMEMBERED = 4_096;
const LONGEST_REMEMBERED = 100;

/** Keeps what was made of the last values: those in use move from the older half to the newer one. */
function remembering<T>(make: (text: string) => T): (text: string) => T {
  let newer = new Map<string, T>();
  let older = newer;
  return (text) => {
    const known = newer.get(text);
    if (known !== undefined) return known;
    const made = older.get(text) ?? make(text);
    if (text.length > LONGEST_REMEMBERED) return made;
    if (newer.size >= REMEMBERED) [older, newer] = [newer, new Map<string, T>()];
    newer.set(text, made);
    return made;
  };
}

/** Names that differ in letter case and separators are one. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[_\-\s]/g, '');

const matches = (parts: readonly string[], path: readonly string[]): boolean =>
  parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
