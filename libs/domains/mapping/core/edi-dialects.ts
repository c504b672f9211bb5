import type { Separators } from './edi-segments';
import type { Encoding } from './mapping';

/** One level of an envelope: which segments begin and end it, and where they say what has to agree. The trailer's elements are its count and its reference. */
export interface Level {
  readonly start: string;
  readonly end: string;
  /** Element of the starting segment that the trailer's second one repeats. */
  readonly reference: number;
}
export interface Dialect {
  readonly interchange: Level;
  readonly group: Level;
  readonly message: Level;
  /** Whether messages may stand in an interchange without a group. */
  readonly groupless: boolean;
  /** Segments outside of messages that say nothing of them. */
  readonly ignored: readonly string[];
  /** What an interchange begins with. */
  readonly begins: readonly string[];
  /**
   * Separators of the interchange that begins here.
   * @returns how many characters stand before its first segment as well; 'more' when too little is there; undefined when none begins
   */
  separators(text: string, at: number): { readonly separators: Separators; readonly skip: number } | 'more' | undefined;
}

const ISA_LENGTH = 106;
/** Where the element separator stands in an ISA segment, whose elements have fixed widths (ASC X12.5). */
const ISA_ELEMENTS = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
const isSeparator = (character: string): boolean => /^[^A-Za-z0-9 \x80-\xff]$/.test(character);

/** ASC X12.5 and X12.6: interchange control structures. */
export const X12: Dialect = {
  interchange: { start: 'ISA', end: 'IEA', reference: 13 },
  group: { start: 'GS', end: 'GE', reference: 6 },
  message: { start: 'ST', end: 'SE', reference: 2 },
  groupless: false,
  ignored: ['TA1'],
  begins: ['ISA'],
  separators(text, at) {
    if (text.length - at < ISA_LENGTH) return 'ISA'.startsWith(text.slice(at, at + 3)) ? 'more' : undefined;
    if (!text.startsWith('ISA', at)) return undefined;
    const isa = text.slice(at, at + ISA_LENGTH);
    const [element = '', component = '', segment = ''] = [isa[3], isa[104], isa[105]];
    if (!ISA_ELEMENTS.every((place) => isa[place] === element)) return undefined;
    if (![element, component, segment].every(isSeparator) || new Set([element, component, segment]).size < 3)
      return undefined;
    // ISA11 is the repetition separator since version 00402; before, it was the letter U.
    const eleventh = isa[82]!;
    const repetition = isSeparator(eleventh) && ![element, component, segment].includes(eleventh) ? eleventh : '';
    return { separators: { segment, element, component, repetition, release: '' }, skip: 0 };
  },
};

/** Service characters of level A (ISO 9735), where no UNA states others. */
const LEVEL_A: Separators = { segment: "'", element: '+', component: ':', repetition: '', release: '?' };
const UNA_LENGTH = 9;

/** ISO 9735, versions 1 to 4. */
export const EDIFACT: Dialect = {
  interchange: { start: 'UNB', end: 'UNZ', reference: 5 },
  group: { start: 'UNG', end: 'UNE', reference: 5 },
  message: { start: 'UNH', end: 'UNT', reference: 1 },
  groupless: true,
  ignored: [],
  begins: ['UNA', 'UNB'],
  separators(text, at) {
    if (text.length - at < UNA_LENGTH)
      return ['UNA', 'UNB'].some((tag) => tag.startsWith(text.slice(at, at + 3))) ? 'more' : undefined;
    if (text.startsWith('UNB', at)) return { separators: LEVEL_A, skip: 0 };
    if (!text.startsWith('UNA', at)) return undefined;
    const [component = '', element = '', , release = '', repetition = '', segment = ''] = text.slice(at + 3, at + 9);
    const needed = [component, element, segment];
    if (!needed.every(isSeparator) || new Set([...needed, release]).size < 4) return undefined;
    return {
      separators: {
        segment,
        element,
        component,
        release: release === ' ' ? '' : release,
        repetition: isSeparator(repetition) && ![...needed, release].includes(repetition) ? repetition : '',
      },
      skip: UNA_LENGTH,
    };
  },
};

/** Encodings of EDIFACT's syntax identifiers (UNB.1.1) that no `Encoding` names, as the WHATWG Encoding Standard calls them. */
const CHARACTER_SETS: Readonly<Record<string, string>> = {
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
};

/** How an interchange says that its texts are encoded: by a decoder's name, or one of ours. */
export function encodingOf(syntax: string): Encoding | { readonly label: string } {
  const label = CHARACTER_SETS[syntax];
  if (label !== undefined) return { label };
  return syntax === 'UNOW' ? 'utf-8' : 'latin1';
}
