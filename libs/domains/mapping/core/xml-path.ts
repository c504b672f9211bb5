import type { Find, Lookup } from './event-mapper';

/** An element with what stands in it. */
export interface XmlElement {
  readonly name: string;
  readonly uri: string;
  readonly attributes: readonly { readonly name: string; readonly uri: string; readonly value: string }[];
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** An element that is a record, and those that it stands in, from the root; of these only names and attributes are known. */
export interface XmlRecord {
  readonly element: XmlElement;
  readonly above: readonly XmlElement[];
}

interface Name {
  readonly name: string;
  /** Undefined when namespaces are ignored. */
  readonly uri: string | undefined;
}
interface Step extends Name {
  /** From 1. */
  readonly occurrence: number;
}
interface XmlPath {
  readonly fromRoot: boolean;
  readonly steps: readonly Step[];
  readonly attribute: Name | undefined;
}

const STEP = /^(?:([\p{L}_][\p{L}\p{N}_.-]*):)?([\p{L}_][\p{L}\p{N}_.-]*)(?:\[(\d{1,5})\])?$/u;

/** The steps of a path; undefined when it is none, or uses a prefix that is not declared. Unprefixed names are in no namespace, when any is declared. */
export function xmlSteps(path: string, namespaces: Readonly<Record<string, string>> | undefined): XmlPath | undefined {
  if (path === '.') return { fromRoot: false, steps: [], attribute: undefined };
  const fromRoot = path.startsWith('/');
  const parts = path.slice(fromRoot ? 1 : 0).split('/');
  const attributeText = parts.at(-1)?.startsWith('@') === true ? parts.pop()!.slice(1) : undefined;
  const stepOf = (text: string, plain: string | undefined): Step | undefined => {
    const [, prefix, name, occurrence = '1'] = STEP.exec(text) ?? [];
    if (name === undefined || Number(occurrence) < 1) return undefined;
    if (prefix === undefined) return { name, uri: plain, occurrence: Number(occurrence) };
    if (!namespaces || !Object.hasOwn(namespaces, prefix)) return undefined;
    return { name, uri: namespaces[prefix]!, occurrence: Number(occurrence) };
  };
  const unprefixed = namespaces ? '' : undefined;
  const steps = parts.map((part) => stepOf(part, unprefixed));
  const attribute = attributeText === undefined ? undefined : stepOf(attributeText, unprefixed);
  if (steps.includes(undefined) || (attributeText !== undefined && !attribute)) return undefined;
  return { fromRoot, steps: steps as Step[], attribute };
}

export const isNamed = ({ name, uri }: { readonly name: string; readonly uri: string }, wanted: Name): boolean =>
  name === wanted.name && (wanted.uri === undefined || uri === wanted.uri);

/** Values of attributes and of elements' own text; text that is blank is none. */
export const xmlLookup =
  (namespaces: Readonly<Record<string, string>> | undefined): Lookup<XmlRecord> =>
  (path): Find<XmlRecord> | undefined => {
    const found = xmlSteps(path, namespaces);
    if (!found) return undefined;
    const { fromRoot, steps, attribute } = found;
    return ({ element, above }) => {
      const at = fromRoot ? fromRootTo(above, steps) : below(element, steps);
      if (!attribute) return at && at.text.trim() !== '' ? at.text : undefined;
      const value = at?.attributes.find((one) => isNamed(one, attribute))?.value;
      return value === '' ? undefined : value;
    };
  };

function below(element: XmlElement, steps: readonly Step[]): XmlElement | undefined {
  let at: XmlElement | undefined = element;
  for (const step of steps) {
    let seen = 0;
    at = at.children.find((child) => isNamed(child, step) && ++seen === step.occurrence);
    if (!at) return undefined;
  }
  return at;
}

function fromRootTo(above: readonly XmlElement[], steps: readonly Step[]): XmlElement | undefined {
  return steps.every((step, index) => above[index] !== undefined && isNamed(above[index], step))
    ? above[steps.length - 1]
    : undefined;
}
