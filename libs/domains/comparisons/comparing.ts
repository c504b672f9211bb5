import { bytesOf, compareKeys, fieldsOf, textOf, type Sameness } from './core/canonical';
import type {
  Budget,
  ComparisonDefinition,
  ComparisonResult,
  Difference,
  Key,
  Progress,
  ResumePoint,
  SideReport,
} from './core/comparison';
import type { Side } from './core/data-set';
import { LineReader } from './core/line-reader';
import { Merge, type MergeOptions, type Row } from './core/merge';
import { pairRows } from './core/pair-rows';
import type { ColumnPlan, PlannedColumn } from './core/plan';
import { explained } from './explained';
import type { Sources } from './sources/open';
import type { KeyRange, RowPlan } from './sources/source';
import { Tally } from './tally';

/** Differences that are told at once. */
const BATCH = 1_000;

export interface ComparingOptions {
  readonly resume?: ResumePoint | undefined;
  readonly where?: { readonly source?: string; readonly target?: string } | undefined;
  readonly segmentRows: number;
  /** Waits, and opens both sides as they are then; where what differs is looked at twice. */
  readonly recheck?: (() => Promise<Sources>) | undefined;
  /** When it began, by `performance.now()`. */
  readonly startedAt: number;
  /** Aborted when time is up, with `TimeIsUp`. */
  readonly signal: AbortSignal;
}

/** Time that the comparison was given is used up: what is under way ends. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

/** Rows of one key that are paired; fewer where a tolerance has each looked at with each other. */
const MOST_OF_KEY = { exact: 100_000, tolerant: 5_000 };

/** What ended a part before its end. */
type Ended = keyof Budget | undefined;

/** Two data sets that are being compared: what is the same for every way to do it. */
export class Comparing {
  readonly tally: Tally;
  readonly plans: Readonly<Record<Side, RowPlan>>;
  private readonly names: Progress['names'];
  private readonly sameness: readonly Sameness[];
  private readonly budget: Budget;
  private pending: Difference[] = [];
  /** Whether differences were told that were to be looked at again, and were not: time was up. */
  isUnchecked = false;
  private rowsAtCut = 0;
  private unique: Promise<Readonly<Record<Side, boolean>>> | undefined;

  constructor(
    readonly definition: ComparisonDefinition,
    readonly columns: ColumnPlan,
    readonly sources: Sources,
    private readonly options: ComparingOptions,
  ) {
    this.tally = new Tally(options.resume, options.startedAt);
    this.rowsAtCut = this.tally.rowsSeen;
    this.budget = definition.budget ?? {};
    const name = (column: PlannedColumn): string => column.name;
    this.names = { key: columns.key.map(name), columns: columns.columns.map(name) };
    const nulls = definition.nulls ?? 'distinct';
    this.sameness = columns.columns.map(({ as, tolerance }) => ({ type: as, nulls, tolerance }));
    this.plans = { source: this.planOf('source'), target: this.planOf('target') };
  }

  private planOf(side: Side): RowPlan {
    const { key, columns, conditions } = this.columns;
    return {
      key: key.map((column) => column[side]),
      values: columns.map((column) => column[side]),
      conditions: conditions.map((planned) => ({ column: planned[side], condition: planned.condition })),
      where: this.options.where?.[side],
      sampleShare: this.definition.sampleShare ?? 1,
    };
  }

  get resumeAfter(): Key | undefined {
    return this.options.resume?.after;
  }

  /** Compares the rows of a range as they come from both sides. @throws DomainError */
  async *stream(range: KeyRange, mayCut = true): AsyncGenerator<Progress, Ended> {
    const { sources, plans, tally } = this;
    const readers = {
      source: new LineReader(sources.source.read(plans.source, range)),
      target: new LineReader(sources.target.read(plans.target, range)),
    };
    let bytes = 0;
    const account = (): void => {
      const read = readers.source.bytesTaken + readers.target.bytesTaken;
      tally.read(read - bytes);
      bytes = read;
    };
    try {
      const merge = new Merge(readers, await this.mergeOptions());
      while (await merge.ready()) {
        account();
        for (let found = merge.next(); found; found = merge.next()) {
          tally.same += found.same;
          if (found.differing) this.pair(found.differing.source, found.differing.target);
          const over = this.over();
          if (over) return over;
          if (mayCut && tally.rowsSeen - this.rowsAtCut >= this.options.segmentRows) {
            const after = await cut(readers, found.differing?.key, this.columns.key);
            if (after) yield await this.told(after);
          }
          if (this.isBatch) yield await this.told();
        }
      }
      account();
      return undefined;
    } catch (error) {
      if (this.isTimeUp) return 'seconds';
      throw this.explained(error);
    } finally {
      await Promise.allSettled([readers.source.stop(), readers.target.stop()]);
    }
  }

  /** Pairs rows of one key, and counts them. */
  pair(source: readonly Row[], target: readonly Row[]): void {
    const { differences, same } = pairRows(this.sameness, source, target);
    this.tally.same += same;
    this.tally.found(differences);
    this.pending.push(...differences);
  }

  over(): Ended {
    return this.tally.over(this.budget);
  }

  get isTimeUp(): boolean {
    return this.options.signal.reason instanceof TimeIsUp;
  }

  get isBatch(): boolean {
    return this.pending.length >= BATCH;
  }

  /**
   * What was found and not yet told; where that is asked for, what of it is still so.
   * @param after up to where everything is complete
   * @param ahead rows that are counted as same, and lie behind that
   */
  async told(after?: Key, ahead = 0): Promise<Progress> {
    const found = this.pending;
    this.pending = [];
    const differences = found.length > 0 && this.options.recheck ? await this.recheck(found) : found;
    const { names } = this;
    if (!after) return { differences, names };
    const { counts, spent } = this.tally;
    this.rowsAtCut = spent.rows;
    return { differences, names, resume: { after, counts: { ...counts, same: counts.same - ahead }, spent } };
  }

  /** What is still so; where time runs out before that is known, what was found. */
  private async recheck(found: readonly Difference[]): Promise<readonly Difference[]> {
    const { signal } = this.options;
    try {
      signal.throwIfAborted();
      return await this.stillSo(found);
    } catch (error) {
      if (!(signal.reason instanceof TimeIsUp)) throw error;
      this.isUnchecked = true;
      return found;
    }
  }

  /** Reads the rows again that differ, as they are now. What has become the same meanwhile was under way. */
  private async stillSo(found: readonly Difference[]): Promise<readonly Difference[]> {
    const { plans, tally } = this;
    const sources = await this.options.recheck!();
    const range = { keys: [...new Map(found.map(({ key }) => [JSON.stringify(key), key])).values()] };
    const readers = {
      source: new LineReader(sources.source.read(plans.source, range)),
      target: new LineReader(sources.target.read(plans.target, range)),
    };
    const still: Difference[] = [];
    let same = 0;
    try {
      const merge = new Merge(readers, await this.mergeOptions());
      while (await merge.ready())
        for (let part = merge.next(); part; part = merge.next()) {
          same += part.same;
          if (!part.differing) continue;
          const paired = pairRows(this.sameness, part.differing.source, part.differing.target);
          same += paired.same;
          still.push(...paired.differences);
        }
    } catch (error) {
      throw this.explained(error);
    } finally {
      await Promise.allSettled([readers.source.stop(), readers.target.stop()]);
    }
    tally.settle(found, still, same);
    return still;
  }

  /** Whether each store says that keys are unique. */
  uniqueKeys(): Promise<Readonly<Record<Side, boolean>>> {
    this.unique ??= this.askUnique();
    return this.unique;
  }

  private async askUnique(): Promise<Readonly<Record<Side, boolean>>> {
    const { columns, sources } = this;
    const unique = async (side: Side): Promise<boolean> =>
      // What is unique as a text may not be as a UUID.
      columns.key.every((column) => column.as.kind === column[side].column.type.kind) &&
      (await sources[side].keysAreUnique(columns.key.map((column) => column[side].column.name)));
    return { source: await unique('source'), target: await unique('target') };
  }

  /** Whether keys that repeat cannot be, or do not matter: equal digests would hide them. */
  async repeatsAreSeenByDigests(): Promise<boolean> {
    const { source, target } = await this.uniqueKeys();
    return this.definition.duplicates === 'multiset' || (source && target);
  }

  private async mergeOptions(): Promise<MergeOptions> {
    const { definition, columns } = this;
    return {
      keyTypes: columns.key.map(({ as }) => as),
      unique: await this.uniqueKeys(),
      allowDuplicates: definition.duplicates === 'multiset',
      mostOfKey: columns.columns.some(({ tolerance }) => tolerance) ? MOST_OF_KEY.tolerant : MOST_OF_KEY.exact,
      equalBytesAreSame: definition.nulls !== 'never_equal',
    };
  }

  /** An error in the words of this comparison. */
  explained(error: unknown): unknown {
    return explained(error, this.sources, this.names.key);
  }

  async result(
    partial: keyof Budget | undefined,
    how: Pick<ComparisonResult['how'], 'method' | 'because'>,
  ): Promise<ComparisonResult> {
    const { tally, definition } = this;
    return {
      counts: tally.counts,
      partial,
      spent: tally.spent,
      source: await this.report('source'),
      target: await this.report('target'),
      settled: tally.settled,
      how: {
        ...how,
        ...this.names,
        sampleShare: definition.sampleShare ?? 1,
      },
    };
  }

  private async report(side: Side): Promise<SideReport> {
    const source = this.sources[side];
    // What was read before the resume point was another snapshot, or perhaps another file.
    const inParts = this.options.resume !== undefined;
    return {
      kind: source.kind,
      stillness: inParts ? 'parts' : source.stillness,
      rows: this.tally.rows[side],
      // Whoever runs out of time cannot ask any more.
      changedWhileRead: inParts || this.options.signal.aborted ? undefined : await source.changedWhileRead(),
    };
  }
}

/**
 * The key up to which both sides are complete, right after rows were taken; undefined where more rows of it may follow, or where it is no text to go on from.
 * @param key of the rows that were taken, where they were read
 */
async function cut(
  readers: Readonly<Record<Side, LineReader>>,
  key: readonly (string | null)[] | undefined,
  columns: readonly PlannedColumn[],
): Promise<Key | undefined> {
  const last = readers.source.lastLine();
  const done = key ?? (last === undefined ? undefined : fieldsOf(last).slice(0, columns.length));
  if (!done) return undefined;
  const types = columns.map(({ as }) => as);
  for (const reader of [readers.source, readers.target]) {
    if (reader.isEmpty && !(await reader.fill())) continue;
    if (compareKeys(types, fieldsOf(reader.line()), done) <= 0) return undefined;
  }
  const after = done.map(textOf);
  return after.every((value, at) => bytesOf(value) === done[at]) ? after : undefined;
}
