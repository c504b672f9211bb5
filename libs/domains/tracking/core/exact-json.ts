/**
 * JSON without loss: JSON.parse rounds numbers of more than 15 digits, and loses those too large or small for a double, so that two different amounts would pass
 * for one. Here such numbers become their exact decimal value. Used only where it matters, since it is slower: for records with such numbers, and to tell a
 * reformatted resend from a conflict.
 */

/** Member name that no sender is likely to use, holding the exact decimal of a long number. */
const EXACT = '\u0000exact';
const TOKEN = /[[\]{},:]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** The value of a text that JSON.parse accepts; long numbers as `{ [EXACT]: decimal }`. */
export function parseExact(text: string): unknown {
  let at = 0;
  const next = (): string => {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    TOKEN.lastIndex = SPACE.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw new SyntaxError('not JSON');
    at = TOKEN.lastIndex;
    return found[0];
  };
  const value = (token: string): unknown => {
    if (token === '{') return object();
    if (token === '[') return array();
    if (/^[-\d]/.test(token)) return number(token);
    return JSON.parse(token) as unknown;
  };
  const object = (): Record<string, unknown> => {
    const members: [string, unknown][] = [];
    let token = next();
    while (token !== '}') {
      if (token === ',') token = next();
      next(); // the colon
      members.push([JSON.parse(token) as string, value(next())]);
      token = next();
    }
    return Object.fromEntries(members);
  };
  const array = (): unknown[] => {
    const elements: unknown[] = [];
    let token = next();
    while (token !== ']') {
      elements.push(value(token === ',' ? next() : token));
      token = next();
    }
    return elements;
  };
  return value(next());
}

/** Magnitudes between which a double tells all numbers of 15 digits apart. */
const [LEAST, MOST] = [1e-290, 1e290];

function number(token: string): unknown {
  const exact = decimal(token);
  const digits = exact.replace(/e.*$/, '').replace('-', '');
  const value = Number(token);
  const plain = digits === '0' || (digits.length <= 15 && Math.abs(value) > LEAST && Math.abs(value) < MOST);
  return plain ? value : { [EXACT]: exact };
}

/** A number by its text, as {@link parseExact} would have read it. */
export const exactNumber = (text: string): unknown => number(text);

/** The decimal of a number that no double holds, such as `12345678901234567e-2`; undefined for every other value. */
export function exactDecimal(value: unknown): string | undefined {
  const exact =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[EXACT] : undefined;
  return typeof exact === 'string' ? exact : undefined;
}

/** The number in digits alone, without exponent; undefined for every other value. */
export function exactDigits(value: unknown): string | undefined {
  const [, sign = '', digits = '', exponent = '0'] =
    /^(-?)(\d+)(?:e(-?\d{1,3}))?$/.exec(exactDecimal(value) ?? '') ?? [];
  if (digits === '') return undefined;
  const power = Number(exponent);
  if (power >= 0) return sign + digits + '0'.repeat(power);
  const whole = digits.padStart(1 - power, '0');
  return `${sign}${whole.slice(0, power)}.${whole.slice(power)}`;
}

/** Sign, digits without trailing zeros, and exponent: one form for all texts of a value. */
function decimal(token: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end--; // /0+$/ takes quadratic time on a run of zeros that others follow
  const kept = digits.slice(0, end);
  if (kept === '') return '0';
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}

/** One text for all texts of a value: members in order of their names (RFC 8785), long numbers exact. */
export function canonicalJson(text: string): string {
  return JSON.stringify(parseExact(text), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** JSON of what {@link parseExact} has read: long numbers as the same value again. */
export function exactText(value: unknown): string {
  const exact = exactDecimal(value);
  if (exact !== undefined && /^-?\d+(?:e-?\d+)?$/.test(exact)) return exact;
  if (Array.isArray(value)) return `[${value.map(exactText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}:${exactText(one)}`)
    .join(',')}}`;
}
