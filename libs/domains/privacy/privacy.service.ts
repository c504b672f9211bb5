import { Inject, Injectable } from '@nestjs/common';
import { DomainError, invalid, type FieldProblem, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import type { z } from 'zod';
import type { Pseudonyms } from './core/actions';
import { BUILT_IN_POLICY } from './core/built-in-policy';
import { canonical } from './core/canonical';
import { type Finding, KEPT, type Masked, RecordMasker } from './core/mask-record';
import { type FieldClasses, Plan } from './core/plan';
import { makesTokens, problemsOf, type PrivacyPolicyDefinition } from './core/policy';
import { redact, redactValue } from './core/redact';
import { type PreviewAnswer, PrivacyPolicySchema } from './privacy.schemas';
import { plainHash, tokenMaker } from './tokens';

const KIND: DocumentKind<PrivacyPolicyDefinition> = { kind: 'privacy-policy', body: PrivacyPolicySchema };
type Policy = Version<PrivacyPolicyDefinition>;
/** The policy that intake follows. */
const FOLLOWED = 'default';
const BUILT_IN = 'built-in';
const BUILT_IN_VERSION: Policy = { version: 0, body: BUILT_IN_POLICY, changedBy: 'holdfast', changedAt: 0 };
/** Fields that a preview lists. */
const MOST_FIELDS = 1_000;

/** The policy `default` as it is now, ready for records. Not reentrant; nothing in it waits. */
export interface Masker {
  readonly version: number;
  /**
   * @param data JSON in UTF-8 that JSON.parse accepts @param values what it parses to, changed in place to what the answer's bytes parse to
   * @param contract fields' classes by path; one map for all records of a contract, since what is known of their fields is kept by it
   */
  mask(data: Buffer, values?: object, contract?: FieldClasses): Masked;
  /** What is stored in the place of a business key or correlation id. */
  identifier(field: 'key' | 'correlationId', text: string): string;
}

/** Privacy policies, and what they mean for records. */
@Injectable()
export class PrivacyService {
  private readonly environment: string;
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly pseudonyms: Pseudonyms;
  private compiled: Masker | undefined;

  constructor(
    @Inject(RegisterService) private readonly register: RegisterService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.environment = configuration.HOLDFAST_ENVIRONMENT;
    this.keys = configuration.HOLDFAST_TOKEN_KEYS;
    const newest = [...this.keys.values()].at(-1);
    this.pseudonyms = { token: newest ? tokenMaker(newest) : withoutKey, hash: plainHash };
  }

  /** `built-in` too. @throws DomainError `not_found` */
  async policy(id: string): Promise<Policy> {
    return id === BUILT_IN ? BUILT_IN_VERSION : this.register.get(KIND, id);
  }

  policies(after: string, limit: number): Promise<(Policy & { readonly id: string })[]> {
    return this.register.list(KIND, after, limit);
  }

  /** Newest first, of versions below `before`. */
  async history(id: string, before: number, limit: number): Promise<Policy[]> {
    return id === BUILT_IN ? [BUILT_IN_VERSION] : this.register.history(KIND, id, before, limit);
  }

  /**
   * @returns the version that the policy has now
   * @throws DomainError `invalid` when it cannot be followed here; `conflict` for `built-in`; see RegisterService.change
   */
  async put(id: string, policy: PrivacyPolicyDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    if (id === BUILT_IN) throw new DomainError('conflict', 'built_in_policy', 'the built-in policy cannot be changed');
    const wrong = [...problemsOf(policy), ...this.missingKey(policy)];
    if (wrong.length > 0)
      throw invalid('unusable_privacy_policy', 'the policy cannot be followed; errors lists what is wrong', wrong);
    return this.register.change(KIND, id, policy, expected, by, at);
  }

  /**
   * For records that are taken in; at most {@link STALENESS_MS} old, and never older than a change that this process made. That there is no policy is believed
   * as long: to ask for each batch would cost each sender a query.
   * @returns undefined while there is no policy `default`: nothing is masked then
   * @throws DomainError `unavailable` when the policy cannot be read, or makes tokens without a key: nothing may be stored then
   */
  async masker(): Promise<Masker | undefined> {
    const found = (await this.register.everyCurrentOf(KIND)).get(FOLLOWED);
    if (!found) return undefined;
    if (this.compiled?.version === found.version) return this.compiled;
    if (this.missingKey(found.body).length > 0)
      throw new DomainError(
        'unavailable',
        'masking_unavailable',
        'the key that tokens are made with is not configured',
      );
    const plan = new Plan(found.body, this.environment, this.pseudonyms);
    const records = new RecordMasker(plan);
    return (this.compiled = {
      version: found.version,
      mask: (data, values, contract) => records.mask(data, values, contract),
      identifier: (field, text) => plan.identifier(field, text),
    });
  }

  /** A record that could not be read or checked, as people may see it: structure and shapes, whatever the policy. @param of its bytes, or its parsed value */
  redact(of: unknown): unknown {
    return redact(of);
  }

  /** Every token that a value may have been given, the newest first: for finding somebody's records. @param of its class */
  tokensOf(of: string, value: string): string[] {
    return [...this.keys.values()].reverse().map((key) => tokenMaker(key)(of, canonical(of, value)));
  }

  /** What a policy makes of records. Nothing of them is stored. @throws DomainError `not_found`; `invalid` when the policy cannot be followed here */
  async preview(id: string, records: object): Promise<z.output<typeof PreviewAnswer>> {
    const { body, version } = await this.policy(id);
    const wrong = this.missingKey(body);
    if (wrong.length > 0) throw invalid('unusable_privacy_policy', 'the policy cannot be followed here', wrong);
    const plan = new Plan(body, this.environment, this.pseudonyms);
    const fields: z.output<typeof PreviewAnswer>['fields'] = [];
    let count = 0;
    const values = Buffer.from(JSON.stringify(records));
    const { categories, sensitivity } = new RecordMasker(plan).mask(values, undefined, undefined, (finding) => {
      if (++count <= MOST_FIELDS) fields.push(fieldOf(finding, records));
    });
    return {
      environment: this.environment,
      policy: { id, version },
      categories: [...categories],
      sensitivity,
      fields,
      moreFields: count - fields.length,
    };
  }

  private missingKey(policy: PrivacyPolicyDefinition): FieldProblem[] {
    if (this.keys.size > 0 || !makesTokens(policy, this.environment)) return [];
    return [{ field: 'environments', reason: 'makes tokens here, and HOLDFAST_TOKEN_KEYS has no key for them' }];
  }
}

function fieldOf({ path, treatment, dropped, value }: Finding, records: object) {
  const {
    class: of = 'none',
    action = 'keep',
    meaning = { category: 'none', sensitivity: 'public' },
  } = treatment ?? {};
  return {
    path: path.join('.'),
    class: of,
    ...meaning,
    action,
    ...(!dropped && { value: value === KEPT ? shapeAt(records, path) : value }),
  } as const;
}

/** The shape of a value that stays as it is: a preview shows nothing raw, also where a policy overlooks a field. */
function shapeAt(records: object, path: readonly (string | number)[]): unknown {
  let value: unknown = records;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
    value = (value as Record<string | number, unknown>)[part];
  }
  return redactValue(value);
}

const withoutKey = (): never => {
  throw new TypeError('a token was asked for without a key');
};
