import { atLeast, atMost, finite, type Narrowing, numbers, texts } from './bounds';
import {
  type Conjuncts,
  conjunctsOf,
  elementSchema,
  memberSchema,
  namesOf,
  type Placed,
  strictest,
  typesOf,
  valuesOf,
} from './flat-schema';
import { equal, isSame, same, sameEntry, sameKeyword } from './same';
import type { Schema } from './schema';

export type { Narrowing } from './bounds';

const MOST_STEPS = 20_000;
const MOST_NAMED = 50;

/**
 * Where a value that `from` takes may be refused by `to`; empty when `to` takes all of them. What cannot be shown counts as narrower. Of an object that says
 * nothing of further members, members that it does not name are taken not to be sent: a version may name new ones, and must not forbid all others.
 *
 * Containment of JSON schemas, decided structurally; source of the approach: Habib, Shinnar, Hirzel, Pradel, "Finding Data Compatibility Bugs with JSON
 * Subschema Checking" (2021).
 */
export function narrowings(from: Schema, to: Schema): Narrowing[] {
  const comparison = new Comparison();
  return comparison.of([{ root: from, schema: from }], { root: to, schema: to }, '').slice(0, MOST_NAMED);
}

class Comparison {
  private steps = 0;
  private readonly assumed = new Set<string>();
  private readonly ids = new Map<unknown, number>();

  /** Where a value that all of `from` take may be refused by `to`. */
  of(from: readonly Placed[], to: Placed, path: string): Narrowing[] {
    if (++this.steps > MOST_STEPS) return [{ path, reason: 'is too complex to be compared' }];
    if (to.schema === true || from.some((one) => isSame(one, to))) return [];
    const has = conjunctsOf(from);
    if (!has || typesOf(has).size === 0) return []; // takes nothing
    const asks = conjunctsOf([to]);
    if (!asks) return [{ path, reason: 'is not allowed in one, and in the other it is' }];
    // A pair that is being compared already holds as far as its own parts do: recursive schemas.
    const pair = `${from.map((one) => this.idOf(one.schema)).join()}>${this.idOf(to.schema)}`;
    if (this.assumed.has(pair)) return [];
    this.assumed.add(pair);
    try {
      return asks.flatMap((one) => this.oneOf(has, one, path));
    } finally {
      this.assumed.delete(pair);
    }
  }

  private idOf(schema: unknown): number {
    const id = this.ids.get(schema) ?? this.ids.size;
    this.ids.set(schema, id);
    return id;
  }

  /** Against one schema without references; alternatives of `has` are looked at one by one where all together do not fit. */
  private oneOf(has: Conjuncts, asks: Conjuncts[number], path: string): Narrowing[] {
    const whole = this.keywords(has, asks, path);
    if (whole.length === 0) return whole;
    const alternatives = alternativesOf(has);
    if (!alternatives) return whole;
    return alternatives.flatMap((one) => this.of(one, asks, path)).slice(0, MOST_NAMED);
  }

  private keywords(has: Conjuncts, asks: Conjuncts[number], path: string): Narrowing[] {
    const { schema } = asks;
    const types = typesOf(has);
    const narrow: Narrowing[] = [];
    const say = (reason: string, at = path): number => narrow.push({ path: at, reason });
    if (schema['unevaluatedProperties'] !== undefined || schema['unevaluatedItems'] !== undefined)
      if (!has.some((one) => same(one, asks)))
        return [{ path, reason: 'depends on what other keywords have looked at: it cannot be compared' }];

    const taken = typesOf([asks]);
    const lost = [...types].filter((type) => !taken.has(type) && !(type === 'integer' && taken.has('number')));
    if (lost.length > 0) say(`is ${lost.join(' or ')} in one, which the other does not take`);

    const listed = valuesOf(schema);
    if (listed) {
      const values = finite(has, types);
      if (!values) say('is one of a list in one, and not in the other');
      else if (values.some((value) => !listed.some((one) => equal(one, value))))
        say('has a value in one that the other does not list');
    }
    if (types.has('number') || types.has('integer')) numbers(has, schema, types, say);
    if (types.has('string')) texts(has, schema, say);
    if (types.has('array')) narrow.push(...this.arrays(has, asks, path));
    if (types.has('object')) narrow.push(...this.objects(has, asks, path));
    narrow.push(...this.combinations(has, asks, path));
    return narrow;
  }

  private arrays(has: Conjuncts, { root, schema }: Conjuncts[number], path: string): Narrowing[] {
    const narrow: Narrowing[] = [];
    atLeast(has, schema, 'minItems', 0, path, narrow);
    atMost(has, schema, 'maxItems', path, narrow);
    if (schema['uniqueItems'] === true && !has.some((one) => one.schema['uniqueItems'] === true))
      narrow.push({ path, reason: 'has unique elements in one, and not in the other' });
    for (const keyword of ['contains', 'minContains', 'maxContains'])
      if (schema[keyword] !== undefined && !has.some((one) => sameKeyword(one, { root, schema }, keyword)))
        narrow.push({ path, reason: `${keyword} differs` });
    const prefix = (schema['prefixItems'] as Schema[] | undefined) ?? [];
    const longest = strictest(has, 'maxItems', 'least') ?? Infinity;
    const places = Math.max(
      prefix.length,
      ...has.map((one) => ((one.schema['prefixItems'] as Schema[] | undefined) ?? []).length),
    );
    for (let i = 0; i < Math.min(places, longest); i++) {
      const element = prefix[i] ?? (schema['items'] as Schema | undefined) ?? true;
      narrow.push(...this.of(elementSchema(has, i), { root, schema: element }, `${path}/${i}`));
    }
    if (schema['items'] !== undefined && longest > places)
      narrow.push(...this.of(elementSchema(has, places), { root, schema: schema['items'] as Schema }, `${path}/*`));
    return narrow;
  }

  private objects(has: Conjuncts, { root, schema }: Conjuncts[number], path: string): Narrowing[] {
    const narrow: Narrowing[] = [];
    const required = new Set(has.flatMap((one) => (one.schema['required'] as string[] | undefined) ?? []));
    for (const name of (schema['required'] as string[] | undefined) ?? [])
      if (!required.has(name))
        narrow.push({ path: `${path}/${name}`, reason: 'is required in one, and not in the other' });
    atLeast(has, schema, 'minProperties', required.size, path, narrow);
    atMost(has, schema, 'maxProperties', path, narrow);
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'propertyNames'])
      if (schema[keyword] !== undefined && !has.some((one) => sameKeyword(one, { root, schema }, keyword)))
        narrow.push({ path, reason: `${keyword} differs` });

    const named = (schema['properties'] as Readonly<Record<string, Schema>> | undefined) ?? {};
    const patterns = Object.entries((schema['patternProperties'] as Record<string, Schema> | undefined) ?? {});
    const known = namesOf(has);
    for (const [name, one] of Object.entries(named)) {
      const says = memberSchema(has, name);
      if (says.length === 0 && !known.has(name)) continue; // taken not to be sent
      narrow.push(...this.of(says, { root, schema: one }, `${path}/${name}`));
    }
    for (const [pattern, one] of patterns) {
      const expression = new RegExp(pattern, 'u');
      for (const name of known)
        if (expression.test(name))
          narrow.push(...this.of(memberSchema(has, name), { root, schema: one }, `${path}/${name}`));
      if (!has.some((each) => sameEntry(each, root, 'patternProperties', pattern, one)))
        narrow.push(...this.of(othersOf(has), { root, schema: one }, `${path}/*`));
    }
    const rest = schema['additionalProperties'] as Schema | undefined;
    if (rest === undefined || rest === true) return narrow;
    for (const name of known)
      if (!Object.hasOwn(named, name) && !patterns.some(([pattern]) => new RegExp(pattern, 'u').test(name)))
        narrow.push(...this.of(memberSchema(has, name), { root, schema: rest }, `${path}/${name}`));
    for (const each of has)
      for (const [pattern, one] of Object.entries(
        (each.schema['patternProperties'] as Record<string, Schema> | undefined) ?? {},
      ))
        if (!patterns.some(([known]) => known === pattern))
          narrow.push(...this.of([{ root: each.root, schema: one }], { root, schema: rest }, `${path}/*`));
    narrow.push(...this.of(othersOf(has), { root, schema: rest }, `${path}/*`));
    return narrow;
  }

  private combinations(has: Conjuncts, asks: Conjuncts[number], path: string): Narrowing[] {
    const { root, schema } = asks;
    const narrow: Narrowing[] = [];
    const any = schema['anyOf'] as Schema[] | undefined;
    if (any && !this.fitsOne(has, root, any, path))
      narrow.push({ path, reason: 'fits none of the alternatives of the other' });
    const one = schema['oneOf'] as Schema[] | undefined;
    if (one && !has.some((each) => sameKeyword(each, asks, 'oneOf')))
      if (!areApart(root, one) || !this.fitsOne(has, root, one, path))
        narrow.push({ path, reason: 'cannot be shown to fit exactly one of the alternatives of the other' });
    if (schema['not'] !== undefined && !has.some((each) => sameKeyword(each, asks, 'not')))
      narrow.push({ path, reason: 'what one excludes, the other may take' });
    if (schema['if'] !== undefined)
      for (const keyword of ['if', 'then', 'else'])
        if (schema[keyword] !== undefined && !has.some((each) => sameKeyword(each, asks, keyword)))
          return [...narrow, { path, reason: 'its conditions differ' }];
    return narrow;
  }

  private fitsOne(has: Conjuncts, root: Schema, alternatives: readonly Schema[], path: string): boolean {
    return alternatives.some((schema) => this.of(has, { root, schema }, path).length === 0);
  }
}

/** The parts of which a schema is the sum: its alternatives, its values, its types. undefined when there is one alone. */
function alternativesOf(has: Conjuncts): Placed[][] | undefined {
  for (const [i, { root, schema }] of has.entries()) {
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const some = schema[keyword] as Schema[] | undefined;
      if (!some) continue;
      const { [keyword]: _, ...rest } = schema;
      const others: Placed[] = [...has.slice(0, i), { root, schema: rest }, ...has.slice(i + 1)];
      return some.map((one) => [...others, { root, schema: one }]);
    }
    const values = valuesOf(schema);
    if (values && values.length > 1) {
      const { enum: _, ...rest } = schema;
      const others: Placed[] = [...has.slice(0, i), { root, schema: rest }, ...has.slice(i + 1)];
      return values.map((value) => [...others, { root, schema: { const: value } }]);
    }
  }
  const types = typesOf(has);
  if (types.size < 2) return undefined;
  return [...types].map((type) => [...has, { root: true, schema: { type } }]);
}

/** What the conjuncts say of members that none of them names. */
const othersOf = (has: Conjuncts): Placed[] =>
  has.flatMap(({ root, schema }) =>
    schema['additionalProperties'] === undefined ? [] : [{ root, schema: schema['additionalProperties'] as Schema }],
  );

/** Whether no value fits two of them, by their types. */
function areApart(root: Schema, alternatives: readonly Schema[]): boolean {
  const seen = new Set<string>();
  for (const schema of alternatives) {
    const conjuncts = conjunctsOf([{ root, schema }]);
    const types = conjuncts ? [...typesOf(conjuncts)].map((type) => (type === 'integer' ? 'number' : type)) : [];
    if (types.some((type) => seen.has(type))) return false;
    types.forEach((type) => seen.add(type));
  }
  return true;
}
