import { DomainError } from '@holdfast/kernel';
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
import { CutOffError, LineReader } from './core/line-reader';
import { merge, OutOfOrderError, RepeatedKeyError, type MergeOptions } from './core/merge';
import { pairRows } from './core/pair-rows';
import type { ColumnPlan, PlannedColumn } from './core/plan';
import type { Sources } from './sources/open';
import type { KeyRange, RowPlan } from './sources/source';
import { Tally } from './tally';

/** Differences that are told at once. */
const BATCH = 1_000;

export interface ComparingOptions {
  readonly resume?: ResumePoint | undefined;
  readonly where?: { readonly source?: string; readonly target?: string } | undefined;
  readonly segmentRows: number;
  /** Aborted when time is up, with `TimeIsUp`. */
  readonly signal: AbortSignal;
}

/** Time that the comparison was given is used up: what is under way ends. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

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
  private rowsAtCut = 0;

  constructor(
    readonly definition: ComparisonDefinition,
    readonly columns: ColumnPlan,
    readonly sources: Sources,
    private readonly options: ComparingOptions,
  ) {
    this.tally = new Tally(options.resume);
    this.rowsAtCut = this.tally.spent.rows;
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
  async *stream(range: KeyRange): AsyncGenerator<Progress, Ended> {
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
      for await (const found of merge(readers, await this.mergeOptions())) {
        account();
        if (found.is === 'same') tally.same += found.rows;
        else {
          const { differences, same } = pairRows(this.sameness, found.source, found.target);
          tally.same += same;
          tally.found(differences);
          this.pending.push(...differences);
        }
        const over = tally.over(this.budget);
        if (over) return over;
        if (tally.spent.rows - this.rowsAtCut >= this.options.segmentRows) {
          const after = await cut(readers, found.is === 'same' ? undefined : found.key, this.columns.key);
          if (after) yield this.flush(after);
        }
        if (this.pending.length >= BATCH) yield this.flush();
      }
      return undefined;
    } catch (error) {
      if (this.options.signal.reason instanceof TimeIsUp) return 'seconds';
      throw this.explained(error);
    } finally {
      await Promise.allSettled([readers.source.stop(), readers.target.stop()]);
    }
  }

  /** What was found and not yet told. */
  flush(after?: Key): Progress {
    const differences = this.pending;
    this.pending = [];
    const { names } = this;
    if (!after) return { differences, names };
    const { counts, spent } = this.tally;
    this.rowsAtCut = spent.rows;
    return { differences, names, resume: { after, counts, spent } };
  }

  private async mergeOptions(): Promise<MergeOptions> {
    const { definition, columns, sources } = this;
    const unique = async (side: Side): Promise<boolean> =>
      // What is unique as a text may not be as a UUID.
      columns.key.every((column) => column.as.kind === column[side].column.type.kind) &&
      (await sources[side].keysAreUnique(columns.key.map((column) => column[side].column.name)));
    return {
      keyTypes: columns.key.map(({ as }) => as),
      unique: { source: await unique('source'), target: await unique('target') },
      allowDuplicates: definition.duplicates === 'multiset',
      equalBytesAreSame: definition.nulls !== 'never_equal',
    };
  }

  private explained(error: unknown): unknown {
    const { sources } = this;
    if (error instanceof RepeatedKeyError) {
      const keys = error.keys.map((key) => key.map(textOf));
      const columns = this.columns.key.map(({ name }) => name).join(', ');
      return new DomainError(
        'conflict',
        'key_not_unique',
        `${columns} is not unique in ${sources[error.side].title}, for example ${keys.map((key) => key.map((value) => value ?? 'NULL').join(', ')).join('; ')}`,
        { extra: { side: error.side, columns: this.columns.key.map(({ name }) => name), examples: keys } },
      );
    }
    if (error instanceof OutOfOrderError)
      return new DomainError(
        'conflict',
        'source_out_of_order',
        `${sources[error.side].title} does not give rows in the order of the key`,
        { extra: { side: error.side } },
      );
    if (error instanceof CutOffError)
      return new DomainError('unavailable', 'source_unavailable', 'a store ended within a row');
    return error;
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
    return {
      kind: source.kind,
      stillness: source.stillness,
      rows: this.tally.rows[side],
      // Whoever runs out of time cannot ask any more.
      changedWhileRead: this.options.signal.aborted ? undefined : await source.changedWhileRead(),
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
