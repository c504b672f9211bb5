import { DIGIT, MEANING, WIDE } from './characters';
import { CATEGORIES, SENSITIVITIES, type Category, type Sensitivity } from './classes';
import { findPersonal, suspectsIn, type Span } from './detect';
import { asciiJson, Edits } from './edits';
import { type FieldNode, FieldTree } from './field-tree';
import { BACKSLASH, CLOSE, CLOSE_LIST, COMMA, isBlank, JsonCursor, OPEN, OPEN_LIST, QUOTE } from './json-cursor';
import type { FieldClasses, Plan, Treatment } from './plan';
import { shapeOf } from './redact';

const LETTER_N = 0x6e;

/** A record after its policy. */
export interface Masked {
  /** The same bytes where nothing was to be done. */
  readonly data: Buffer;
  /** Of everything personal that is left in it, in the order of CATEGORIES; the same array for the same set. */
  readonly categories: readonly Category[];
  /** The highest of what is left in it. */
  readonly sensitivity: Sensitivity;
}

/** A value that was met, and what became of it: `dropped`, or the value that stands there now. */
export interface Finding {
  readonly path: readonly (string | number)[];
  /** Undefined where nothing personal was found. */
  readonly treatment: Treatment | undefined;
  readonly dropped: boolean;
  readonly value: unknown;
}

type Holder = Record<string | number, unknown> | undefined;
/** What a value's visit came to: it stays, or its member has to go. */
type Visit = 'kept' | 'dropped';

/** Sets of categories by their bits. */
const CATEGORY_SETS: readonly (readonly Category[])[] = Array.from({ length: 1 << CATEGORIES.length }, (_, bits) =>
  CATEGORIES.filter((_category, index) => bits & (1 << index)),
);

/**
 * Masks records as bytes, in one pass: members that are not touched keep their bytes, so that no number is rounded and no text is written in another way.
 * One object for many records; not reentrant.
 */
export class RecordMasker extends JsonCursor {
  private readonly tree: FieldTree;
  private readonly contracts = new WeakMap<FieldClasses, FieldTree>();
  private readonly edits = new Edits();
  private categoryBits = 0;
  private rank = 0;
  private trail: (string | number)[] | undefined;
  private observe: ((finding: Finding) => void) | undefined;

  constructor(private readonly plan: Plan) {
    super();
    this.tree = new FieldTree(plan, undefined);
  }

  /**
   * @param data JSON in UTF-8 that JSON.parse accepts @param values what it parses to: changed in place, to what the answer's bytes parse to
   * @param contract fields' classes by path @param observe hears of every value that is no object or array
   */
  mask(data: Buffer, values?: object, contract?: FieldClasses, observe?: (finding: Finding) => void): Masked {
    this.bytes = data;
    this.at = 0;
    this.categoryBits = 0;
    this.rank = 0;
    this.edits.clear();
    this.observe = observe;
    this.trail = observe && [];
    const whole: Holder = values && { value: values };
    this.skipSpace();
    this.value(this.treeOf(contract).root, undefined, whole, 'value');
    this.bytes = EMPTY;
    return {
      data: this.edits.count === 0 ? data : this.edits.applied(data),
      categories: CATEGORY_SETS[this.categoryBits]!,
      sensitivity: SENSITIVITIES[this.rank]!,
    };
  }

  private treeOf(contract: FieldClasses | undefined): FieldTree {
    if (!contract) return this.tree;
    const known = this.contracts.get(contract);
    if (known) return known;
    const made = new FieldTree(this.plan, contract);
    this.contracts.set(contract, made);
    return made;
  }

  private value(node: FieldNode, treatment: Treatment | undefined, holder: Holder, member: string | number): Visit {
    const byte = this.bytes[this.at];
    if (byte === QUOTE) return this.string(treatment, holder, member);
    if (byte === OPEN) this.object(node, treatment, holder?.[member] as Holder);
    else if (byte === OPEN_LIST) this.array(node, treatment, holder?.[member] as Holder);
    else return this.scalar(treatment, holder, member);
    return 'kept';
  }

  private object(node: FieldNode, inherited: Treatment | undefined, holder: Holder): void {
    this.at++;
    let hasKept = false;
    /** Where members that go begin; -1 while none does. */
    let cutFrom = -1;
    let renames: Set<string> | undefined;
    for (;;) {
      const memberFrom = this.at;
      const editsBefore = this.edits.count;
      this.skipSpace();
      if (this.bytes[this.at] !== QUOTE) break; // an empty object
      const nameFrom = this.at + 1;
      const child = this.name(node);
      const nameTo = this.at - 1;
      this.skipSpace();
      this.at++; // the colon
      this.skipSpace();
      const { rename } = child;
      let isGone = rename !== undefined && (rename === null || renames?.has(rename) === true);
      this.trail?.push(isGone ? HIDDEN_NAME : (rename ?? child.name));
      if (isGone) this.skipUnder(undefined);
      else isGone = this.member(child, child.treatment ?? inherited, holder) === 'dropped';
      this.trail?.pop();
      if (isGone) {
        this.edits.cut(editsBefore);
        if (holder) Reflect.deleteProperty(holder, child.name);
        if (cutFrom < 0) cutFrom = hasKept ? memberFrom - 1 : memberFrom;
      } else {
        if (typeof rename === 'string') {
          (renames ??= new Set()).add(rename);
          this.edits.insert(editsBefore, nameFrom, nameTo, asciiJson(rename).slice(1, -1));
          renameIn(holder, child.name, rename);
        }
        if (cutFrom >= 0) this.edits.insert(editsBefore, cutFrom, hasKept ? memberFrom - 1 : memberFrom, '');
        cutFrom = -1;
        hasKept = true;
      }
      this.skipSpace();
      if (this.bytes[this.at] !== COMMA) break;
      this.at++;
    }
    if (cutFrom >= 0) this.edits.add(cutFrom, this.at, '');
    this.at++; // the brace
  }

  private member(child: FieldNode, treatment: Treatment | undefined, holder: Holder): Visit {
    const action = treatment?.action;
    if (action === 'drop') {
      this.skipUnder(treatment);
      return 'dropped';
    }
    if (action === 'null' && this.bytes[this.at] !== LETTER_N) {
      const from = this.at;
      this.skipUnder(treatment, null);
      this.replace(from, this.at, 'null', null, holder, child.name);
      return 'kept';
    }
    return this.value(child, treatment, holder, child.name);
  }

  private array(node: FieldNode, treatment: Treatment | undefined, holder: Holder): void {
    this.at++;
    for (let index = 0; ; index++) {
      this.skipSpace();
      if (this.bytes[this.at] === CLOSE_LIST) break;
      this.trail?.push(index);
      const from = this.at;
      const edits = this.edits.count;
      // Where one element goes, the others must not move up.
      if (this.value(node, treatment, holder, index) === 'dropped') {
        this.edits.cut(edits);
        this.replace(from, this.at, 'null', null, holder, index);
      }
      this.trail?.pop();
      this.skipSpace();
      if (this.bytes[this.at] !== COMMA) break;
      this.at++;
    }
    this.at++;
  }

  private string(treatment: Treatment | undefined, holder: Holder, member: string | number): Visit {
    const { bytes } = this;
    const start = this.at;
    let digits = 0;
    let meanings = 0;
    let escaped = false;
    let i = start + 1;
    for (let byte = bytes[i]!; byte !== QUOTE && i < bytes.length; byte = bytes[++i]!) {
      if (byte === BACKSLASH) {
        escaped = true;
        i++;
        continue;
      }
      const meaning = MEANING[byte]!;
      meanings |= meaning;
      digits += meaning & DIGIT;
    }
    this.at = i + 1;
    if (i === start + 1) return this.kept(undefined);
    if (!treatment) {
      const { wanted } = this.plan;
      const suspects = escaped ? wanted : suspectsIn(bytes, start + 1, i, meanings, digits, wanted);
      const found = suspects === 0 ? undefined : this.search(start, i, escaped, suspects);
      return found ? this.masked(found.text, found.spans, start, escaped, holder, member) : this.kept(undefined);
    }
    if (treatment.action === 'keep') return this.kept(treatment);
    const text = escaped
      ? (JSON.parse(bytes.toString('utf8', start, i + 1)) as string)
      : meanings & WIDE
        ? bytes.toString('utf8', start + 1, i)
        : bytes.toString('latin1', start + 1, i);
    return this.treat(treatment, text, start, holder, member);
  }

  /** Personal values in a string, whose quotes stand at `start` and `end`; undefined when there are none. */
  private search(
    start: number,
    end: number,
    escaped: boolean,
    wanted: number,
  ): { text: Buffer; spans: readonly Span[] } | undefined {
    const text = escaped ? Buffer.from(JSON.parse(this.bytes.toString('utf8', start, end + 1)) as string) : this.bytes;
    const spans = escaped ? findPersonal(text, 0, text.length, wanted) : findPersonal(text, start + 1, end, wanted);
    return spans.length === 0 ? undefined : { text, spans };
  }

  /** A string in which values were found: replaces what was found, and leaves the rest as it is. */
  private masked(
    text: Buffer,
    spans: readonly Span[],
    start: number,
    escaped: boolean,
    holder: Holder,
    member: string | number,
  ): Visit {
    const [from, to] = escaped ? [0, text.length] : [start + 1, this.at - 1];
    const [only] = spans as [Span, ...Span[]];
    if (spans.length === 1 && isBlank(text, from, only.from) && isBlank(text, only.to, to)) {
      const treatment = this.plan.of(only.detector);
      if (treatment.action === 'keep') return this.kept(treatment);
      return this.treat(treatment, text.toString('utf8', from, to), start, holder, member);
    }
    let changed = '';
    let shown = '';
    let at = from;
    let last: Treatment | undefined;
    for (const span of spans) {
      const treatment = (last = this.plan.of(span.detector));
      this.count(treatment);
      if (treatment.action === 'keep') continue;
      const before = text.toString('utf8', at, span.from);
      const instead = treatment.apply(text.toString('utf8', span.from, span.to)).text ?? `[${treatment.class}]`;
      changed += before + instead;
      if (this.observe) shown += shapeOf(before) + instead;
      at = span.to;
      if (!escaped) this.edits.add(span.from, span.to, asciiJson(instead).slice(1, -1));
    }
    const rest = text.toString('utf8', at, to);
    if (at !== from) {
      if (escaped) this.edits.add(start, this.at, asciiJson(changed + rest));
      if (holder) holder[member] = changed + rest;
    }
    if (this.observe) this.tell(last, false, shown + shapeOf(rest));
    return 'kept';
  }

  private scalar(treatment: Treatment | undefined, holder: Holder, member: string | number): Visit {
    const { bytes } = this;
    const start = this.at;
    let digits = 0;
    let i = start;
    for (; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte <= 0x20) break;
      digits += MEANING[byte]! & DIGIT;
    }
    this.at = i;
    if (bytes[start] === LETTER_N) return this.kept(undefined);
    if (treatment?.action === 'keep') return this.kept(treatment);
    if (treatment) return this.treat(treatment, bytes.toString('latin1', start, i), start, holder, member);
    // A number may be a card's or a tax id, nothing else: those of 11 digits or more are few.
    const [found] = digits >= 11 && i - start === digits ? findPersonal(bytes, start, i, this.plan.wanted) : [];
    if (!found) return this.kept(undefined);
    const detected = this.plan.of(found.detector);
    if (detected.action === 'keep') return this.kept(detected);
    return this.treat(detected, bytes.toString('latin1', start, i), start, holder, member);
  }

  /** The whole value becomes what its class's action makes of it. */
  private treat(treatment: Treatment, text: string, start: number, holder: Holder, member: string | number): Visit {
    this.count(treatment);
    if (treatment.action === 'drop') {
      this.tell(treatment, true, undefined);
      return 'dropped';
    }
    const instead = treatment.apply(text);
    this.replace(start, this.at, instead.json, instead.text, holder, member);
    this.tell(treatment, false, instead.text);
    return 'kept';
  }

  private kept(treatment: Treatment | undefined): Visit {
    if (treatment) this.count(treatment);
    this.tell(treatment, false, KEPT);
    return 'kept';
  }

  private replace(
    from: number,
    to: number,
    json: string,
    value: unknown,
    holder: Holder,
    member: string | number,
  ): void {
    this.edits.add(from, to, json);
    if (holder) holder[member] = value;
  }

  private count({ categoryBit, rank }: Treatment): void {
    this.categoryBits |= categoryBit;
    if (rank > this.rank) this.rank = rank;
  }

  private tell(treatment: Treatment | undefined, dropped: boolean, value: unknown): void {
    this.observe?.({ path: [...this.trail!], treatment, dropped, value });
  }

  private skipUnder(treatment: Treatment | undefined, instead?: null): void {
    this.skipValue();
    this.tell(treatment, instead === undefined, instead);
  }
}

/** Stands in a finding for a value that stays as it is: who observes must not show it. */
export const KEPT = Symbol('kept');
const HIDDEN_NAME = '(personal)';
const EMPTY = Buffer.alloc(0);

/** Keeps the value under another name. */
function renameIn(holder: Holder, from: string, to: string): void {
  if (!holder) return;
  const value = holder[from];
  Reflect.deleteProperty(holder, from);
  holder[to] = value;
}
