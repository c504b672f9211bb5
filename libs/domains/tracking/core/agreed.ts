import { minorDigits } from '@holdfast/domains/catalog/core/currencies';
import type { AgreedField, FieldAtStage } from '@holdfast/domains/catalog/core/process';
import { type Decimal, decimalOf, decimalText, rounded, scaled, sumOf } from '@holdfast/kernel';
import { exactDecimal, exactNumber } from './exact-json';

type Data = Readonly<Record<string, unknown>>;

/** The value at a path such as `total.amount`, or undefined. */
export function valueAt(data: Data, path: string): unknown {
  if (!path.includes('.')) return Object.hasOwn(data, path) ? data[path] : undefined;
  let value: unknown = data;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** All values at a path in which `[].` stands for every element of a list: `lines[].amount`. */
export function valuesAt(data: Data, path: string): unknown[] {
  const at = path.indexOf('[]');
  if (at < 0) return [valueAt(data, path)];
  const list = valueAt(data, path.slice(0, at));
  const within = path.slice(at + 3);
  if (!Array.isArray(list)) return [];
  return list.flatMap((element: unknown) => {
    if (within === '') return [element];
    return typeof element === 'object' && element !== null ? valuesAt(element as Data, within) : [undefined];
  });
}

/** How a stage's agreed fields are read, prepared once. */
export interface FieldPlan {
  readonly field: AgreedField;
  readonly path: string;
  /** The value as it stands: nothing is made of it. */
  readonly isPlain: boolean;
  readonly minorUnits: FieldAtStage['minorUnits'];
}

export const fieldPlans = (fields: readonly AgreedField[], stage: string): FieldPlan[] =>
  fields.map((field) => {
    const { path = field.name, minorUnits } = field.at?.[stage] ?? {};
    const { compare, normalise = [], decimals } = field;
    const isPlain =
      !path.includes('[]') &&
      minorUnits === undefined &&
      compare !== 'sum' &&
      normalise.length === 0 &&
      decimals === undefined;
    return { field, path, isPlain, minorUnits };
  });

/**
 * The agreed fields' values as a JSON array: equal texts mean equal values, so that its hash can stand for them. Texts that agree only within a tolerance
 * differ here and are compared field by field later; `case` alone is folded here. An absent field is null.
 */
export function agreedText(data: Data, plans: readonly FieldPlan[]): string {
  let text = '[';
  for (const plan of plans) {
    const value = plan.isPlain ? (valueAt(data, plan.path) ?? null) : madeOf(data, plan);
    if (text.length > 1) text += ',';
    if (typeof value === 'number')
      text += String(value); // most are; the same as JSON's, and faster
    else if (plan.field.tolerance?.kind === 'case' && typeof value === 'string')
      text += JSON.stringify(value.toLowerCase());
    else text += JSON.stringify(sorted(value));
  }
  return `${text}]`;
}

/** What is compared of a field that is not compared as it stands. */
function madeOf(data: Data, { field, path, minorUnits }: FieldPlan): unknown {
  const values = valuesAt(data, path).map((value) => inUnits(normalised(value ?? null, field), data, minorUnits));
  if (field.compare === 'sum') return totalOf(values, field.decimals);
  const made = values.map((value) => withDecimals(value, field.decimals));
  return made.length === 1 ? made[0] : made.length === 0 ? null : made;
}

function normalised(value: unknown, { normalise = [] }: AgreedField): unknown {
  if (typeof value !== 'string') return value;
  let text = value;
  if (normalise.includes('trim')) text = text.trim();
  if (normalise.includes('spaces')) text = text.replace(/\s+/g, ' ');
  if (normalise.includes('lower-case')) text = text.toLowerCase();
  if (normalise.includes('empty-is-null') && text === '') return null;
  const number = normalise.includes('number') ? decimalOf(text) : undefined;
  return number ? exactNumber(decimalText(number)) : text;
}

function inUnits(value: unknown, data: Data, minorUnits: FieldAtStage['minorUnits']): unknown {
  if (minorUnits === undefined) return value;
  const decimal = numberOf(value);
  const digits = typeof minorUnits === 'number' ? minorUnits : digitsOf(valueAt(data, minorUnits.currency));
  return decimal && digits !== undefined ? exactNumber(decimalText(scaled(decimal, -digits))) : value;
}

const digitsOf = (currency: unknown): number | undefined =>
  typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency) ? minorDigits(currency) : undefined;

function withDecimals(value: unknown, decimals: number | undefined): unknown {
  if (decimals === undefined) return value;
  const decimal = numberOf(value);
  return decimal ? exactNumber(decimalText(rounded(decimal, decimals))) : value;
}

/** Null where nothing is a number; where something else stands between numbers, all that stands there: it agrees with no sum. */
function totalOf(values: readonly unknown[], decimals: number | undefined): unknown {
  const said = values.filter((value) => value !== null && value !== undefined);
  if (said.length === 0) return null;
  const numbers = said.map(numberOf);
  if (!numbers.every((one) => one !== undefined)) return said.length === 1 ? said[0] : said;
  const sum = sumOf(numbers);
  return sum ? withDecimals(exactNumber(decimalText(sum)), decimals) : said;
}

/** A number, or a text that is one. */
function numberOf(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return decimalOf(String(value));
  const exact = exactDecimal(value);
  return exact === undefined ? (typeof value === 'string' ? decimalOf(value) : undefined) : decimalOf(exact);
}

/** Objects with their members in order of their names, so that order does not make a difference. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]) => [name, sorted(of)]),
  );
}
