import { mayBeShorter, type Period } from './period';

export const RETENTION_ACTIONS = ['delete', 'retain'] as const;
/** What is to happen when the time is over: `delete` has it deleted then, `retain` forbids to delete it before. */
export type RetentionAction = (typeof RETENTION_ACTIONS)[number];

/** Which records: all that are said must fit, one value of each list is enough. */
export interface PolicyMatch {
  readonly processes?: readonly string[] | undefined;
  /** Regulatory categories, of which a record may have several. */
  readonly categories?: readonly string[] | undefined;
  readonly severities?: readonly string[] | undefined;
  readonly environments?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  /** Retention classes. `test` and `quarantine` only where they are named here. */
  readonly classes?: readonly string[] | undefined;
}

/** How old a record is when it leaves each tier. */
export interface Tiers {
  readonly hot?: Period | undefined;
  readonly cold?: Period | undefined;
  /** The end of the archive is the end. `forever` of what is retained alone. */
  readonly archive?: Period | undefined;
}

/** An event of the record's key that time counts from, such as the one that closes a case. */
export interface StartEvent {
  readonly type: string;
  /** Any stage where nothing is said. */
  readonly stage?: string | undefined;
}

/** What law says of such records. */
export interface Statute {
  readonly minimum?: Period | undefined;
  readonly maximum?: Period | undefined;
  /** The law, such as `HGB § 257`. */
  readonly source: string;
}

export interface RetentionPolicyDefinition {
  readonly description?: string | undefined;
  readonly match: PolicyMatch;
  readonly tiers: Tiers;
  readonly action: RetentionAction;
  /** Whether it was made for such records, or is what holds where nobody thought of them. */
  readonly explicit: boolean;
  /** None: the day of receipt. */
  readonly startsOn?: StartEvent | undefined;
  readonly statute?: Statute | undefined;
  readonly enabled: boolean;
}

export interface NamedPolicy {
  readonly id: string;
  /** 0 for what is built in, and for a proposal. */
  readonly version: number;
  readonly policy: RetentionPolicyDefinition;
}

/** What is known of a record, as far as policies go by it; '' for what is not. */
export interface RecordTraits {
  readonly process: string;
  readonly class: string;
  readonly categories: readonly string[];
  readonly severity: string;
  readonly environment: string;
  readonly region: string;
}

const DEFAULTS = { hot: '30d', cold: '1y', archive: '7y' } as const;
const shorter = (a: Period, b: Period): Period => (mayBeShorter(b, a) ? b : a);

/** With what holds where nothing is said: 30 days, a year, 7 years, no tier longer than the next one. */
export function tiersOf({ hot, cold, archive = DEFAULTS.archive }: Tiers): Required<Record<keyof Tiers, string>> {
  const coldUntil = cold ?? (archive === 'forever' ? DEFAULTS.cold : shorter(DEFAULTS.cold, archive));
  return { hot: hot ?? shorter(DEFAULTS.hot, coldUntil), cold: coldUntil, archive };
}

/** Classes that a policy must name to reach. */
export const APART: ReadonlySet<string> = new Set(['test', 'quarantine']);

export function matches({ match, enabled }: RetentionPolicyDefinition, record: RecordTraits): boolean {
  const has = (wanted: readonly string[] | undefined, value: string): boolean =>
    wanted === undefined || wanted.includes(value);
  return (
    enabled &&
    (match.classes === undefined ? !APART.has(record.class) : match.classes.includes(record.class)) &&
    has(match.processes, record.process) &&
    (match.categories === undefined || match.categories.some((one) => record.categories.includes(one))) &&
    has(match.severities, record.severity) &&
    has(match.environments, record.environment) &&
    has(match.regions, record.region)
  );
}

/** What holds where no policy says when a record goes: test data 7 days, audit 7 years, all else 7 years, of which a year outside of the archive. */
export function builtInFor(recordClass: string): NamedPolicy {
  const id = recordClass === 'test' || recordClass === 'audit' ? `built-in-${recordClass}` : 'built-in-standard';
  const tiers: Tiers = recordClass === 'test' ? { hot: '7d', cold: '7d', archive: '7d' } : DEFAULTS;
  return { id, version: 0, policy: { match: {}, tiers, action: 'delete', explicit: false, enabled: true } };
}

/** Two that are the same start at the same time for every record. */
export const startName = (start: StartEvent | undefined): string =>
  start ? `${start.type}\n${start.stage ?? ''}` : '';

/** The events that any of these policies counts from, each once. */
export function startsOf(policies: readonly NamedPolicy[]): StartEvent[] {
  const starts = policies.flatMap(({ policy }) => (policy.startsOn ? [policy.startsOn] : []));
  return [...new Map(starts.map((start) => [startName(start), start])).values()];
}
