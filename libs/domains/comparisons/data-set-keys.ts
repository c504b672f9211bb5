import { DomainError, formatInstant, invalid, type Micros } from '@holdfast/kernel';
import type { Connections } from './connections';
import { type Bytes, fieldsOf, textOf } from './core/canonical';
import type { DataSet } from './core/data-set';
import { couldHold, type KeyColumn, type KeyColumnPlan, planKeyColumn } from './core/key-column';
import { CutOffError, LineReader } from './core/line-reader';
import type { Operator } from './core/comparison';
import type { ReadColumn } from './core/plan';
import { FileEngine } from './sources/engine';
import { openDataSet } from './sources/open';
import type { RowPlan, Source } from './sources/source';

/** The longest time of one statement. */
const STATEMENT_SECONDS = 3_600;
/** Bytes of keys that are looked up by one statement: stores have limits on the length of one. */
const LOOKED_UP_BYTES = 65_536;

type Filter = RowPlan['conditions'][number];
const filter = (column: ReadColumn, operator: Operator, value?: string): Filter => ({
  column,
  condition: { column: { name: column.column.name }, operator, ...(value !== undefined && { value }) },
});
const rowsOf = (key: ReadColumn, conditions: readonly Filter[]): RowPlan => ({
  ...{ key: [key], values: [], conditions },
  ...{ where: undefined, sampleShare: 1 },
});
/** As every dialect takes it: in UTC, without saying so. */
const literal = (at: Micros): string => formatInstant(at).replace('T', ' ').replace('Z', '');

interface Opened {
  readonly source: Source;
  readonly plan: KeyColumnPlan;
}

/** Keys of one column of a data set, as text. NULL is no key. */
export class DataSetKeys {
  private readonly engine = new FileEngine();
  /** Beside the one that is being read: a connection does one thing at a time. */
  private second: Opened | undefined;

  constructor(
    private readonly dataSet: DataSet,
    private readonly column: KeyColumn,
    private readonly connections: Connections,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Keys, each once, in the order of their UTF-8 bytes, in pages of any size: where the column has a time, of rows with one in [from, to).
   * @throws DomainError, see comparisons.problems.ts
   */
  async *pages(from: Micros, to: Micros): AsyncGenerator<readonly string[]> {
    const { source, plan } = await this.open();
    try {
      const { inOrder, since } = plan;
      const conditions = [
        filter(inOrder, 'is_not_null'),
        ...(since ? [filter(since, 'ge', literal(from)), filter(since, 'lt', literal(to))] : []),
      ];
      let last: Bytes | undefined;
      for await (const page of pagesOf(source, rowsOf(inOrder, conditions))) {
        const keys: string[] = [];
        for (const key of page) {
          if (key !== last) keys.push(keyText(source, key));
          last = key;
        }
        if (keys.length > 0) yield keys;
      }
      if ((await source.changedWhileRead()) === true)
        throw new DomainError('unavailable', 'source_failed', `${source.title} changed while it was read`);
    } finally {
      await source.close();
    }
  }

  /** Which of these keys are there now, whatever their time. @param keys up to 1,000 @throws DomainError, see comparisons.problems.ts */
  async present(keys: readonly string[]): Promise<ReadonlySet<string>> {
    // As it is now, and no transaction that was begun for an earlier look.
    await this.second?.source.refresh();
    this.second ??= await this.open();
    const { source, plan } = this.second;
    const { lookedUp } = plan;
    // A text of PostgreSQL has no NUL, and no statement either.
    const possible = keys.filter(
      (key) => couldHold(lookedUp, key) && !(source.kind === 'postgresql' && key.includes('\0')),
    );
    const found = new Set<string>();
    for (const some of batches(possible))
      for await (const page of pagesOf(source, rowsOf(lookedUp, []), some))
        for (const key of page) found.add(keyText(source, key));
    return found;
  }

  async close(): Promise<void> {
    await this.second?.source.close();
    await this.engine.stop();
  }

  private async open(): Promise<Opened> {
    const { signal } = this;
    const options = { signal, statementSeconds: STATEMENT_SECONDS };
    const source = await openDataSet(this.dataSet, this.connections, this.engine, options);
    try {
      return { source, plan: planKeyColumn(source.title, this.column, await source.describe()) };
    } catch (error) {
      await source.close();
      throw error;
    }
  }
}

/** The one field of each line. */
async function* pagesOf(source: Source, plan: RowPlan, keys?: readonly string[]): AsyncGenerator<Bytes[]> {
  const reader = new LineReader(source.read(plan, { keys: keys?.map((key) => [key]) }));
  try {
    while (await reader.fill()) {
      const page: Bytes[] = [];
      while (!reader.isEmpty) {
        const behind = reader.lineEnd();
        const [field] = fieldsOf(reader.line(reader.at, behind));
        if (typeof field === 'string') page.push(field);
        reader.advance(behind);
      }
      yield page;
    }
  } catch (error) {
    if (error instanceof CutOffError)
      throw new DomainError('unavailable', 'source_failed', `${source.title} ended within a row`);
    throw error;
  } finally {
    await reader.stop();
  }
}

/** What is no UTF-8 has no text, and would look like other keys that have none. */
function keyText(source: Source, key: Bytes): string {
  const text = textOf(key)!;
  if (text.includes('\uFFFD') && Buffer.from(text, 'utf8').toString('latin1') !== key)
    throw invalid('columns_incomparable', `${source.title}: key holds bytes that are no UTF-8`, [
      { field: 'key', reason: 'holds bytes that are no UTF-8' },
    ]);
  return text;
}

function* batches(keys: readonly string[]): Generator<readonly string[]> {
  let [some, bytes]: [string[], number] = [[], 0];
  for (const key of keys) {
    const length = Buffer.byteLength(key);
    if (some.length > 0 && bytes + length > LOOKED_UP_BYTES) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(key);
    bytes += length;
  }
  if (some.length > 0) yield some;
}
