import { type Conjuncts, strictest, typeOf, typesOf, valuesOf } from './flat-schema';
import { equal } from './same';
import type { SchemaObject } from './schema';

/** Where a value that one schema takes may be refused by another. */
export interface Narrowing {
  /** JSON pointer into the data; `*` is every element, or every member that is not named. '' is the whole. */
  readonly path: string;
  readonly reason: string;
}

/** The values of a schema where they can be counted. */
export function finite(has: Conjuncts, types: ReadonlySet<string>): readonly unknown[] | undefined {
  const lists = has.flatMap(({ schema }) => {
    const values = valuesOf(schema);
    return values ? [values] : [];
  });
  const [first, ...others] = lists;
  if (first) {
    const inAll = first.filter((value) => others.every((list) => list.some((one) => equal(one, value))));
    return inAll.filter((value) => {
      const type = typeOf(value);
      return types.has(type) || (type === 'integer' && types.has('number'));
    });
  }
  const counted: Readonly<Record<string, unknown[]>> = { null: [null], boolean: [true, false] };
  return [...types].every((type) => type in counted) ? [...types].flatMap((type) => counted[type]!) : undefined;
}

type Say = (reason: string) => number;

export function numbers(has: Conjuncts, schema: SchemaObject, types: ReadonlySet<string>, say: Say): void {
  const values = finite(has, types)?.filter((value): value is number => typeof value === 'number');
  const low = strictest(has, 'minimum', 'most') ?? -Infinity;
  const lowOut = strictest(has, 'exclusiveMinimum', 'most') ?? -Infinity;
  const high = strictest(has, 'maximum', 'least') ?? Infinity;
  const highOut = strictest(has, 'exclusiveMaximum', 'least') ?? Infinity;
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf } = schema as Record<
    string,
    number | undefined
  >;
  const fails = (test: (value: number) => boolean, bounds: boolean): boolean =>
    !bounds && !(values && values.every(test));
  if (minimum !== undefined && fails((value) => value >= minimum, low >= minimum || lowOut >= minimum))
    say(`must be ${minimum} or more in one, and not in the other`);
  if (
    exclusiveMinimum !== undefined &&
    fails((value) => value > exclusiveMinimum, low > exclusiveMinimum || lowOut >= exclusiveMinimum)
  )
    say(`must be more than ${exclusiveMinimum} in one, and not in the other`);
  if (maximum !== undefined && fails((value) => value <= maximum, high <= maximum || highOut <= maximum))
    say(`must be ${maximum} or less in one, and not in the other`);
  if (
    exclusiveMaximum !== undefined &&
    fails((value) => value < exclusiveMaximum, high < exclusiveMaximum || highOut <= exclusiveMaximum)
  )
    say(`must be less than ${exclusiveMaximum} in one, and not in the other`);
  const whole = !types.has('number');
  const multiples = has.map((one) => one.schema['multipleOf']).filter((of): of is number => typeof of === 'number');
  if (
    multipleOf !== undefined &&
    fails(
      (value) => Number.isInteger(value / multipleOf),
      (whole && Number.isInteger(1 / multipleOf)) || multiples.some((of) => Number.isInteger(of / multipleOf)),
    )
  )
    say(`must be a multiple of ${multipleOf} in one, and not in the other`);
}

export function texts(has: Conjuncts, schema: SchemaObject, say: Say): void {
  const values = finite(has, typesOf(has))?.filter((value): value is string => typeof value === 'string');
  const fails = (test: (value: string) => boolean, known: boolean): boolean =>
    !known && !(values && values.every(test));
  const { minLength, maxLength, pattern, format } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
    format?: string;
  };
  const length = (value: string): number => Array.from(value).length;
  if (
    minLength !== undefined &&
    fails((value) => length(value) >= minLength, (strictest(has, 'minLength', 'most') ?? 0) >= minLength)
  )
    say(`must have ${minLength} characters or more in one, and not in the other`);
  if (
    maxLength !== undefined &&
    fails((value) => length(value) <= maxLength, (strictest(has, 'maxLength', 'least') ?? Infinity) <= maxLength)
  )
    say(`must have ${maxLength} characters or less in one, and not in the other`);
  const alike = (keyword: string, value: unknown): boolean => has.some((one) => one.schema[keyword] === value);
  if (pattern !== undefined && fails((value) => new RegExp(pattern, 'u').test(value), alike('pattern', pattern)))
    say('must match a pattern in one, and not in the other');
  if (format !== undefined && !alike('format', format)) say(`is of format ${format} in one, and not in the other`);
}

export function atLeast(
  has: Conjuncts,
  schema: SchemaObject,
  keyword: string,
  known: number,
  path: string,
  narrow: Narrowing[],
): void {
  const least = schema[keyword];
  if (typeof least === 'number' && Math.max(known, strictest(has, keyword, 'most') ?? 0) < least)
    narrow.push({ path, reason: `${keyword} is ${least} in one, and less in the other` });
}

export function atMost(has: Conjuncts, schema: SchemaObject, keyword: string, path: string, narrow: Narrowing[]): void {
  const most = schema[keyword];
  if (typeof most === 'number' && (strictest(has, keyword, 'least') ?? Infinity) > most)
    narrow.push({ path, reason: `${keyword} is ${most} in one, and more in the other` });
}
