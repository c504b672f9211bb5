import type { Amount } from '@holdfast/domains/retention/core/impact';
import type { Day } from '@holdfast/domains/retention/core/period';
import type { NamedPolicy } from '@holdfast/domains/retention/core/policy';
import type { Tier } from '@holdfast/domains/retention/core/precedence';
import type { Micros } from '@holdfast/kernel';

/** `archive`: leaves the store for the archive. `dispose`: goes for good. `expire`: an archive whose time is over. */
export const LOT_KINDS = ['archive', 'dispose', 'expire'] as const;
export type LotKind = (typeof LOT_KINDS)[number];

/** What a run does with one partition of the records, or with one archive. */
export interface Lot {
  /** Counts from 1. */
  readonly lot: number;
  readonly kind: LotKind;
  /** As the engine names it; of an archive its id. */
  readonly partition: string;
  readonly class: string;
  /** A month of receipt, such as 202601. */
  readonly period: string;
  readonly total: number;
  /** Rows that go. */
  readonly rows: number;
  /** Of keys, ids, attributes and data of these. */
  readonly bytes: number;
  /** Rows that would go, and are held. */
  readonly held: number;
  /** `id@version`, by id. */
  readonly policies: readonly string[];
  /** 0: for no fixed time. */
  readonly retainUntil: Micros;
}

/** Where the rows of a lot are, by what was decided about them. */
export const TIER_OF: Readonly<Record<Exclude<LotKind, 'expire'>, Tier>> = { archive: 'archive', dispose: 'due' };

/** Policies with their versions, `id@version`, by id. */
export const namesOf = (policies: readonly NamedPolicy[]): string[] =>
  policies.map(({ id, version }) => `${id}@${version}`).sort();

const DAY: Micros = 86_400_000_000;

/** What a partition has, as groups of it are told one by one. */
export class PartitionSums {
  total = 0;
  private readonly amounts = new Map<Tier, Amount>();
  private readonly policies = new Map<Tier, Set<string>>();
  private lastGoes: Day = 0;

  /** @param goesOn when the records go for good; undefined: not as things stand */
  add(tier: Tier, { records, bytes }: Amount, policy: string, goesOn: Day | undefined): void {
    const known = this.amounts.get(tier) ?? { records: 0, bytes: 0 };
    this.total += records;
    this.amounts.set(tier, { records: known.records + records, bytes: known.bytes + bytes });
    this.policies.set(tier, (this.policies.get(tier) ?? new Set()).add(policy));
    if (tier === 'archive') this.lastGoes = Math.max(this.lastGoes, goesOn ?? Infinity);
  }

  has(tier: Tier): boolean {
    return this.amounts.has(tier);
  }

  policiesOf(tier: Tier): string[] {
    return [...(this.policies.get(tier) ?? [])].sort();
  }

  /** Until when an archive of them has to be kept: until the last of its records goes. 0: for no fixed time. */
  get retainUntil(): Micros {
    return Number.isFinite(this.lastGoes) ? this.lastGoes * DAY : 0;
  }
}

/** Whether a month of receipt is over: nothing comes into its partition any more. @param period such as 202601 */
export function isOver(period: string, today: Day): boolean {
  return period < new Date(today * 86_400_000).toISOString().slice(0, 7).replace('-', '');
}

/** The month of receipt in the engine's name of a partition: number of the class, `-`, month. */
export const periodOf = (partition: string): string => partition.slice(partition.indexOf('-') + 1);
