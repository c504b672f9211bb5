import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020';
import { invalid } from '@holdfast/kernel';
import type { Breach, Contract, NullRule } from './core/contract';
import { membersOf, type Schema } from './core/schema';

/** Loaded with the first contract: processes without one are spared the time. */
/* eslint-disable @typescript-eslint/no-require-imports -- import() is not synchronous */
function compiler(schema: Schema, allErrors: boolean): Ajv2020 {
  const { Ajv2020: Ajv } = require('ajv/dist/2020') as typeof import('ajv/dist/2020');
  const formats = require('ajv-formats') as typeof import('ajv-formats').default;
  const ajv = new Ajv({
    allErrors,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    logger: false,
    // Costs a call for each member: only where a schema has members that every object seems to have.
    ownProperties: [...membersOf(schema)].some((name) => name in Object.prototype),
  });
  formats(ajv);
  return ajv;
}
/* eslint-enable */

/** Checks events by one version of a contract. Compiled once. */
export class ContractValidator {
  private readonly validate: ValidateFunction;
  private readonly members: ReadonlySet<string>;

  /** @throws DomainError `invalid` when the schema does not compile */
  constructor(private readonly contract: Pick<Contract, 'schema' | 'nulls' | 'mandatoryTags'>) {
    this.validate = compiled(contract.schema, false);
    this.members = membersOf(contract.schema);
  }

  /** The first place where an event breaks the contract. @param attributes what it carries beside its data, as a JSON object; '' for nothing */
  firstBreach(data: Readonly<Record<string, unknown>>, attributes: string): Breach | undefined {
    const { mandatoryTags, nulls } = this.contract;
    if (mandatoryTags.length > 0) {
      const missing = missingTag(mandatoryTags, attributes);
      if (missing !== undefined) return { field: `attributes.${missing}`, reason: 'is a mandatory tag' };
    }
    if (nulls === 'forbidden') {
      const field = nullIn(data, 'data', this.members);
      if (field !== undefined) return { field, reason: 'must not be null' };
    }
    if (this.validate(asRead(data, nulls))) return undefined;
    return this.breach(this.validate.errors![0]!);
  }

  private breach({ instancePath, message, keyword }: ErrorObject): Breach {
    const names = instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .map((name) => (this.members.has(name) ? name : '*'));
    // A message is of the schema's words alone.
    return { field: ['data', ...names].join('.'), reason: message ?? `breaks ${keyword}` };
  }
}

/** @throws DomainError `invalid` */
export function compiled(schema: Schema, allErrors: boolean): ValidateFunction {
  try {
    return compiler(schema, allErrors).compile(schema);
  } catch (error) {
    // What the compiler says quotes the schema, which its author knows; never data.
    const reason = error instanceof Error ? error.message.slice(0, 500) : 'does not compile';
    throw invalid('unusable_schema', 'the schema does not compile', [{ field: 'schema', reason }]);
  }
}

function missingTag(tags: readonly string[], attributes: string): string | undefined {
  const carried = attributes === '' ? {} : (JSON.parse(attributes) as Readonly<Record<string, unknown>>);
  return tags.find((tag) => !Object.hasOwn(carried, tag) || carried[tag] === '');
}

/** Where the first null stands. */
function nullIn(value: unknown, path: string, members: ReadonlySet<string>): string | undefined {
  if (value === null) return path;
  if (typeof value !== 'object') return undefined;
  for (const [name, one] of Object.entries(value)) {
    const known = !Array.isArray(value) && members.has(name);
    const found = nullIn(one, `${path}.${known ? name : '*'}`, members);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The data as the schema sees them: without members that are null, where null means absent. */
function asRead(data: unknown, nulls: NullRule): unknown {
  if (nulls !== 'absent' || typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map((element) => asRead(element, nulls));
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, asRead(value, nulls)]),
  );
}
