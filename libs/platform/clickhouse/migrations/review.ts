import { classify } from './classify';
import type { Classified } from './classified';
import type { Migration, Statement } from './files';

export interface ReviewedStatement extends Statement, Classified {}

export interface ReviewedMigration extends Migration {
  readonly statements: readonly ReviewedStatement[];
  /** Why it is refused, naming file and statement. */
  readonly refusals: readonly string[];
}

/** What the files before a statement have made. */
interface Made {
  /** Engines of tables. */
  readonly engines: Map<string, string>;
  /** Tables and `table.column`s of the same file: nobody reads them yet. */
  readonly here: Set<string>;
}

/** Looks at every statement before any is run. Takes all files in order: what a table is, an earlier one says. */
export function review(migrations: readonly Migration[]): ReviewedMigration[] {
  const engines = new Map<string, string>();
  return migrations.map((migration) => {
    const made: Made = { engines, here: new Set() };
    const refusals: string[] = [];
    const statements = migration.statements.map((statement) => {
      const classified = inFile(classify(statement.sql), made);
      const reason = refusalOf(migration, classified, made);
      if (reason !== undefined)
        refusals.push(`${migration.name}, statement ${statement.number} (${classified.kind}): ${reason}`);
      note(classified, made);
      return { ...statement, ...classified };
    });
    return { ...migration, statements, refusals };
  });
}

/** Rows of a table, and values of a column, that came with the same file are seen by nobody yet: to write them only adds. */
function inFile(classified: Classified, { here }: Made): Classified {
  const { table, sets, kind } = classified;
  const addsOnly =
    here.has(table) ||
    (sets !== undefined && sets.length > 0 && sets.every((column) => here.has(`${table}.${column}`)));
  return addsOnly && (kind === 'update' || kind.startsWith('insert')) ? { ...classified, phase: 'expand' } : classified;
}

function refusalOf(migration: Migration, classified: Classified, { engines }: Made): string | undefined {
  if (classified.refusal !== undefined) return classified.refusal;
  if (classified.unguarded && !/^Replacing/.test(engines.get(classified.table) ?? ''))
    return 'would insert again when it is repeated; leave out what is there (WHERE .. NOT IN (SELECT .. FROM the table)), or insert into a ReplacingMergeTree';
  if (migration.phase === 'expand' && classified.phase === 'contract')
    return 'takes away or changes what a running release may use; put it into a file of its own that says `-- phase: contract`';
  return undefined;
}

function note({ kind, table, engine, adds = [] }: Classified, { engines, here }: Made): void {
  if (engine !== undefined) engines.set(table, engine);
  if (kind.startsWith('create')) here.add(table);
  for (const column of adds) here.add(`${table}.${column}`);
}
