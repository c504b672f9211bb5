import { narrowings } from '@holdfast/domains/contracts/core/narrowings';
import type { Schema } from '@holdfast/domains/contracts/core/schema';
import { upcast, upcastSchema, type UpcastStep } from '@holdfast/domains/contracts/core/upcast';
import { compiled } from '@holdfast/domains/contracts/validator';
import fc from 'fast-check';

const NAMES = ['a', 'b', 'c'];
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 6 }),
  fc.constantFrom('', 'x', 'xy', 'xyz', 'A1'),
  fc.constantFrom(0.5, 2.25),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const small = fc.integer({ min: 0, max: 4 });
const optional = <T>(shape: Record<string, fc.Arbitrary<T>>) => fc.record(shape, { requiredKeys: [] });
const schema = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Schema>(true, false, {}, { type: 'string' }, { type: ['integer', 'null'] }, { type: 'boolean' }),
    optional<unknown>({
      type: fc.constantFrom('integer', 'number'),
      minimum: small,
      maximum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
    }),
    optional<unknown>({ exclusiveMinimum: small, exclusiveMaximum: small, type: fc.constant(['number', 'string']) }),
    optional<unknown>({
      type: fc.constant('string'),
      minLength: small,
      maxLength: small,
      pattern: fc.constantFrom('^x', '^[a-z]+$'),
    }),
    fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify(one) }) }),
    fc.record({ const: scalar }),
    optional<unknown>({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie('schema'), { maxKeys: 3 }),
      required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
      additionalProperties: tie('schema'),
      minProperties: small,
      maxProperties: small,
    }),
    optional<unknown>({
      type: fc.constant('array'),
      items: tie('schema'),
      prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      minItems: small,
      maxItems: small,
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Schema>,
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Schema>,
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }) as fc.Arbitrary<Schema>,
    fc.record({ not: tie('schema') }) as fc.Arbitrary<Schema>,
  ),
})).schema;

/** A schema of values whose members are all named, so that none is "taken not to be sent". */
const named = (one: Schema): Schema => ({
  allOf: [one, { $ref: '#/$defs/named' }],
  $defs: {
    named: {
      properties: Object.fromEntries(NAMES.map((name) => [name, { $ref: '#/$defs/named' }])),
      additionalProperties: false,
      items: { $ref: '#/$defs/named' },
    },
  },
});

it('says that nothing is narrower only where every value of one is a value of the other', () => {
  let compatible = 0;
  fc.assert(
    fc.property(schema, schema, fc.array(value, { minLength: 30, maxLength: 30 }), (first, second, values) => {
      const [from, to] = [named(first), second];
      if (narrowings(from, to).length > 0) return;
      compatible++;
      const [isFrom, isTo] = [compiled(from, false), compiled(to, false)];
      for (const one of values) if (isFrom(one)) expect({ one, ok: isTo(one) }).toEqual({ one, ok: true });
    }),
    { numRuns: 1_500 },
  );
  expect(compatible).toBeGreaterThan(100);
});

it('takes every schema as no narrower than itself, and than itself beside an alternative', () => {
  fc.assert(
    fc.property(schema, schema, (one, other) => {
      expect(narrowings(one, structuredClone(one))).toEqual([]);
      expect(narrowings(one, { anyOf: [other, one] })).toEqual([]);
      expect(narrowings({ allOf: [one, other] }, one)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

const pointer = fc.constantFrom('/a', '/b', '/c', '/a/b', '/b/c', '/c/d');
const step: fc.Arbitrary<UpcastStep> = fc.oneof(
  fc.record({ op: fc.constantFrom('move' as const, 'copy' as const), from: pointer, path: pointer }),
  fc.record({ op: fc.constant('add' as const), path: pointer, value: scalar }),
  fc.record({ op: fc.constant('remove' as const), path: pointer }),
);
const object = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 3 });
const objectSchema = fc.record({
  type: fc.constant('object'),
  properties: fc.dictionary(fc.constantFrom(...NAMES), schema, { maxKeys: 3 }),
  required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
  additionalProperties: fc.constant(false),
});

/** A schema of data that have no member but those that it names: others are taken not to be sent. */
function closed(of: Schema): Schema {
  if (typeof of === 'boolean') return of;
  const properties = Object.entries((of['properties'] as Record<string, Schema> | undefined) ?? {});
  return {
    ...of,
    ...((of['type'] === 'object' || properties.length > 0) && {
      properties: Object.fromEntries(properties.map(([name, one]) => [name, closed(one)])),
      additionalProperties: false,
    }),
    ...(of['items'] !== undefined && { items: closed(of['items'] as Schema) }),
  };
}

it('up-casts schemas as it up-casts data', () => {
  let followed = 0;
  fc.assert(
    fc.property(
      objectSchema,
      fc.array(step, { minLength: 1, maxLength: 3 }),
      fc.array(object, { minLength: 20 }),
      (of, steps, all) => {
        const made = upcastSchema(of, steps);
        if (made === undefined) return;
        followed++;
        const [before, after] = [compiled(closed(of), false), compiled(made, false)];
        for (const data of all) {
          if (!before(data)) continue;
          const cast = upcast(data, steps);
          expect({ data, cast, ok: after(cast) }).toEqual({ data, cast, ok: true });
        }
      },
    ),
    {
      numRuns: 400,
      examples: [
        [
          {
            type: 'object',
            // A schema that counts its members cannot be followed where one is added.
            properties: { b: { type: 'object', minProperties: 2 } },
            required: [],
            additionalProperties: false,
          },
          [{ op: 'add', path: '/b/c', value: false }],
          [{}],
        ],
        [
          // What is copied out of a schema that says nothing may be anything.
          { type: 'object', properties: { b: {} }, required: [], additionalProperties: false },
          [{ op: 'copy', from: '/b/c', path: '/a' }],
          [{ b: { c: 1 } }],
        ],
      ],
    },
  );
  expect(followed).toBeGreaterThan(100);
});
