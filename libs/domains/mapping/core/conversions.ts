import { type JsonValue, NumberText, scalarText } from './json-value';

/** What may be done to a value, as a closed list: nothing of a document is ever evaluated. */
export const CONVERSIONS = [
  'trim',
  'upper',
  'lower',
  'strip_leading_zeros',
  /** `1.234,56` becomes `1234.56`. */
  'decimal_comma',
  'text',
  'number',
  'boolean',
] as const;
/** Or a date and time by its form, such as `YYYYMMDDHHmm`, which becomes ISO 8601. */
export type Conversion = (typeof CONVERSIONS)[number] | { readonly date: string };

/** @returns undefined where the value cannot be converted */
export function convert(value: JsonValue, conversion: Conversion): JsonValue | undefined {
  const text = scalarText(value);
  if (text === undefined) return undefined;
  if (typeof conversion === 'object') return isoTime(text, conversion.date);
  switch (conversion) {
    case 'trim':
      return text.trim();
    case 'upper':
      return text.toUpperCase();
    case 'lower':
      return text.toLowerCase();
    case 'strip_leading_zeros':
      return stripped(text);
    case 'decimal_comma':
      return /^[+-]?(?:\d{1,3}(?:[. ']\d{3})+|\d+)(?:,\d+)?-?$/.test(text)
        ? text.replaceAll(/[. ']/g, '').replace(',', '.')
        : undefined;
    case 'text':
      return text;
    case 'number':
      return numberOf(text);
    case 'boolean':
      return BOOLEANS.get(text.toLowerCase());
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'y'].map((text) => [text, true] as const),
  ...['false', '0', 'no', 'n'].map((text) => [text, false] as const),
]);

/** The last digit stays. */
function stripped(text: string): string {
  let from = 0;
  while (from < text.length - 1 && text[from] === '0') from++;
  return text.slice(from);
}

const LONGEST_NUMBER = 400;

/** A number as JSON has it. Also taken: `+`, leading zeros, no digit on one side of the point, and a minus behind it, as ledgers print it. */
function numberOf(text: string): NumberText | undefined {
  if (text.length > LONGEST_NUMBER) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '', behind] =
    /^([+-])?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?(-)?$/.exec(text) ?? [];
  if (whole + fraction === '' || (sign !== undefined && behind !== undefined)) return undefined;
  const minus = sign === '-' || behind === '-' ? '-' : '';
  const point = fraction === '' ? '' : `.${fraction}`;
  return new NumberText(`${minus}${stripped(whole === '' ? '0' : whole)}${point}${exponent && `e${exponent}`}`);
}

const PARTS = /YYYY|YY|MM|DD|HH|mm|ss|SSSSSS|SSS|[-/.: T]/y;
const DIGITS: Readonly<Record<string, number>> = {
  YYYY: 4,
  YY: 2,
  MM: 2,
  DD: 2,
  HH: 2,
  mm: 2,
  ss: 2,
  SSS: 3,
  SSSSSS: 6,
};

/** The parts of a form; undefined when it has something else, a part twice, or a time without its greater parts. */
export function partsOf(form: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (PARTS.lastIndex = 0; PARTS.lastIndex < form.length;) {
    const [part] = PARTS.exec(form) ?? [];
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const units = parts.filter((part) => part in DIGITS).map((part) => (part === 'YY' ? 'YYYY' : part.slice(0, 4)));
  const has = (...names: string[]): boolean => names.every((name) => units.includes(name));
  const twice = new Set(units.map((unit) => unit.slice(0, 3))).size !== units.length;
  const seconds = units.some((unit) => unit.startsWith('SSS'));
  if (twice || !(has('YYYY', 'MM', 'DD') || (!has('YYYY') && !has('MM') && !has('DD') && has('HH')))) return undefined;
  if ((has('ss') && !has('mm')) || (has('mm') && !has('HH')) || (seconds && !has('ss'))) return undefined;
  return parts;
}

/** `YYYY-MM-DD`, `YYYY-MM-DDTHH:mm:ss` or `HH:mm:ss`, with a fraction where the form has one. Years of two digits are of this century. */
function isoTime(text: string, form: string): string | undefined {
  const said = new Map<string, string>();
  let at = 0;
  for (const part of partsOf(form) ?? []) {
    const digits = DIGITS[part];
    const found = text.slice(at, (at += digits ?? 1));
    if (digits === undefined ? found !== part : !/^\d+$/.test(found) || found.length !== digits) return undefined;
    if (digits !== undefined) said.set(part, found);
  }
  if (at !== text.length) return undefined;
  const year = said.get('YYYY') ?? (said.has('YY') ? `20${said.get('YY')!}` : undefined);
  const [month = '', day = '', hour, minute = '00', second = '00'] = ['MM', 'DD', 'HH', 'mm', 'ss'].map((part) =>
    said.get(part),
  );
  if (Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const fraction = said.get('SSSSSS') ?? said.get('SSS');
  const time = hour === undefined ? '' : `${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}`;
  if (year === undefined) return time;
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month}-${day}${time && `T${time}`}`;
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
