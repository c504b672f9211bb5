import { Injectable } from '@nestjs/common';
import { DomainError, invalid, type Micros } from '@holdfast/kernel';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { BUILT_IN_CLASSES, type DataClass } from '@holdfast/domains/privacy/core/classes';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { ContractSchema } from './contracts.schemas';
import { comparedVersions, type Incompatibility, incompatibilities } from './core/compatibility';
import type { Breach, Contract, ContractDefinition } from './core/contract';
import { schemaFaults } from './core/schema';
import { upcast } from './core/upcast';
import { refuseCatastrophicPatterns } from './patterns';
import { compiled, ContractValidator } from './validator';

const CONTRACT: DocumentKind<ContractDefinition> = { kind: 'contract', body: ContractSchema };
const LONGEST_SCHEMA = 256 * 1024;
/** Versions read at once. */
const PAGE = 100;

/** A contract that is ready to check events. */
export interface ReadyContract extends Contract {
  readonly firstBreach: ContractValidator['firstBreach'];
  /** Whether its events hold what is of money: their classes say so. */
  readonly isOfMoney: boolean;
  /** Classes of fields by path. */
  readonly classes: ReadonlyMap<string, string>;
}

/** How a new version stands to the earlier ones. */
export interface CompatibilityReport {
  readonly compatible: boolean;
  readonly compatibility: ContractDefinition['compatibility'];
  readonly comparedWith: readonly number[];
  readonly problems: readonly Incompatibility[];
}

/** What the events of each type promise: documents, one for each event type. */
@Injectable()
export class ContractsService {
  private readonly ready = new WeakMap<ContractDefinition, ReadyContract>();
  /** Versions that are not the newest: never changed, and so kept. By type and version. */
  private readonly older = new Map<string, ReadyContract>();

  constructor(private readonly register: RegisterService) {}

  /** All contracts by event type, as of a moment ago (see STALENESS_MS): for hot paths. */
  async current(): Promise<{ get(type: string): ReadyContract | undefined }> {
    const all = await this.register.everyCurrentOf(CONTRACT);
    return {
      get: (type) => {
        const found = all.get(type);
        return found && this.prepared(type, found);
      },
    };
  }

  /** One version; undefined when there is none. */
  async version(type: string, version: number): Promise<ReadyContract | undefined> {
    const key = `${type}/${version}`;
    const known = this.older.get(key);
    if (known) return known;
    const [found] = await this.register.versionsBelow(CONTRACT, type, version + 1, 1);
    if (found?.version !== version) return undefined;
    const ready = this.prepared(type, found);
    this.older.set(key, ready);
    return ready;
  }

  /**
   * Data of one version as the newest one has them.
   * @param from the version that the data were written under
   */
  async upcast(type: string, from: number, data: Readonly<Record<string, unknown>>) {
    const newest = (await this.current()).get(type);
    let made = data;
    for (let version = from + 1; newest && version <= newest.version; version++)
      made = upcast(made, (version === newest.version ? newest : await this.version(type, version))?.upcast ?? []);
    return { data: made, version: Math.max(from, newest?.version ?? 0) };
  }

  /** @throws DomainError `not_found` */
  contract(type: string): Promise<Version<ContractDefinition>> {
    return this.register.get(CONTRACT, type);
  }

  contracts(after: string, limit: number): Promise<(Version<ContractDefinition> & { readonly id: string })[]> {
    return this.register.list(CONTRACT, after, limit);
  }

  history(type: string, before: number, limit: number): Promise<Version<ContractDefinition>[]> {
    return this.register.history(CONTRACT, type, before, limit);
  }

  /**
   * Says what `put` would say of a definition, and changes nothing.
   * @throws DomainError `invalid` when its schema cannot be used
   */
  async check(type: string, definition: ContractDefinition): Promise<CompatibilityReport> {
    await refuseUnusable(definition);
    const earlier = await this.versions(type);
    const problems = incompatibilities(
      definition,
      earlier.map(({ body, version }) => ({ ...body, version })),
    );
    const { compatibility } = definition;
    return {
      compatible: problems.length === 0,
      compatibility,
      comparedWith: comparedVersions(compatibility, earlier).map(({ version }) => version),
      problems,
    };
  }

  /**
   * @returns the version that the definition has now
   * @throws DomainError `invalid` when its schema cannot be used; `conflict` when it breaks a promise; see RegisterService.change
   */
  async put(type: string, definition: ContractDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    const report = await this.check(type, definition);
    if (!report.compatible)
      throw new DomainError('conflict', 'incompatible_contract', 'the new version would break readers of another one', {
        extra: { problems: report.problems },
      });
    // What was compared is what must be replaced.
    const newest = report.compatibility === 'none' ? undefined : report.comparedWith.at(-1);
    const checked: Expected = expected === 'any' && newest !== undefined ? { version: newest } : expected;
    return this.register.change(CONTRACT, type, definition, checked, by, at);
  }

  /** Oldest first. */
  private async versions(type: string): Promise<Version<ContractDefinition>[]> {
    const found: Version<ContractDefinition>[] = [];
    for (let before = 4_294_967_295; ;) {
      const page = await this.register.versionsBelow(CONTRACT, type, before, PAGE);
      found.unshift(...[...page].reverse());
      if (page.length < PAGE) return found;
      before = page.at(-1)!.version;
    }
  }

  private prepared(type: string, { body, version }: Version<ContractDefinition>): ReadyContract {
    const known = this.ready.get(body);
    if (known) return known;
    const validator = new ContractValidator(body);
    const ready: ReadyContract = {
      ...body,
      type,
      version,
      isOfMoney: Object.values(body.fields).some((field) => MONEY.has(categoryOf(field.class))),
      classes: new Map(Object.entries(body.fields).map(([path, field]) => [path, field.class])),
      firstBreach: (data, attributes): Breach | undefined => validator.firstBreach(data, attributes),
    };
    this.ready.set(body, ready);
    return ready;
  }
}

const MONEY: ReadonlySet<string> = new Set(['financial', 'pci']);
const categoryOf = (of: string): string =>
  (BUILT_IN_CLASSES as Readonly<Record<string, DataClass | undefined>>)[of]?.category ?? 'none';

/** @throws DomainError `invalid` */
async function refuseUnusable({ schema }: ContractDefinition): Promise<void> {
  if (JSON.stringify(schema).length > LONGEST_SCHEMA)
    throw invalid('unusable_schema', 'the schema is too long', [{ field: 'schema', reason: 'is longer than 256 KiB' }]);
  const faults = schemaFaults(schema);
  if (faults.length > 0)
    throw invalid(
      'unusable_schema',
      'the schema cannot be used',
      faults.map(({ path, reason }) => ({ field: `schema${path}`, reason })),
    );
  compiled(schema, false);
  await refuseCatastrophicPatterns(schema);
}
