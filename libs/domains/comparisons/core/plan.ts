import { invalid, type DomainError, type FieldProblem } from '@holdfast/kernel';
import type { ColumnPair, ComparedColumn, ComparisonDefinition, Condition } from './comparison';
import type { Side } from './data-set';
import { canBeKey, jointType, type LogicalType, type TableColumn } from './logical-type';

/** A column of one side as it is read: its own type, and what both sides are compared as. */
export interface ReadColumn {
  readonly column: TableColumn;
  readonly as: LogicalType;
}

/** A column on both sides. */
export interface PlannedColumn {
  readonly name: string;
  readonly as: LogicalType;
  readonly source: ReadColumn;
  readonly target: ReadColumn;
}

export interface ColumnPlan {
  readonly key: readonly PlannedColumn[];
  readonly columns: readonly (PlannedColumn & Pick<ComparedColumn, 'tolerance'>)[];
  readonly conditions: readonly (PlannedColumn & { readonly condition: Condition })[];
}

type Columns = Readonly<Record<Side, readonly TableColumn[]>>;

/**
 * Which columns of both sides are compared, and as what.
 * @throws DomainError `comparison_invalid`, `column_unknown`, `columns_incomparable`, with all that is wrong at once
 */
export function planColumns(definition: ComparisonDefinition, there: Columns): ColumnPlan {
  const problems: FieldProblem[] = [];
  const unknown: FieldProblem[] = [];
  const plan = (pair: ColumnPair, field: string): PlannedColumn | undefined => {
    const source = named(there.source, pair.source ?? pair.name);
    const target = named(there.target, pair.target ?? pair.name);
    for (const [side, column] of [
      ['source', source],
      ['target', target],
    ] as const)
      if (!column) unknown.push({ field, reason: `the ${side} has no column ${pair[side] ?? pair.name}` });
    if (!source || !target) return undefined;
    const as = jointType(source.type, target.type);
    // What only one store knows is compared by its text, where both are the same there.
    const both = as?.kind === 'other' && source.native !== target.native ? undefined : as;
    if (both)
      return { name: pair.name, as: both, source: { column: source, as: both }, target: { column: target, as: both } };
    problems.push({ field, reason: `${pair.name}: ${source.native} and ${target.native} cannot be compared` });
    return undefined;
  };
  const key = definition.key.flatMap((pair, at) => plan(pair, `key.${at}`) ?? []);
  for (const [at, { name, as, source, target }] of key.entries())
    if (![as, source.column.type, target.column.type].every((type) => canBeKey(type) || type.kind === 'untyped'))
      problems.push({
        field: `key.${at}`,
        reason: `${name}: ${source.column.native} and ${target.column.native} cannot be a key`,
      });
  const columns = (definition.columns ?? common(definition, there)).flatMap((column, at) => {
    const planned = plan(column, `columns.${at}`);
    return planned ? [{ ...planned, ...(column.tolerance && { tolerance: column.tolerance }) }] : [];
  });
  const conditions = (definition.conditions ?? []).flatMap((condition, at) => {
    const planned = plan(condition.column, `conditions.${at}`);
    return planned ? [{ ...planned, condition }] : [];
  });
  if (unknown.length > 0) throw told('column_unknown', unknown);
  if (problems.length > 0) throw told('columns_incomparable', problems);
  return { key, columns, conditions };
}

const told = (code: string, fields: readonly FieldProblem[]): DomainError =>
  invalid(code, fields.map(({ reason }) => reason).join('; '), fields);

const named = (columns: readonly TableColumn[], name: string): TableColumn | undefined =>
  columns.find((column) => column.name === name);

/** What both sides have by the same name, beside the key. */
function common({ key }: ComparisonDefinition, { source, target }: Columns): ComparedColumn[] {
  const inKey = (side: Side, name: string): boolean => key.some((pair) => (pair[side] ?? pair.name) === name);
  return source
    .filter(({ name }) => named(target, name) && !inKey('source', name) && !inKey('target', name))
    .map(({ name }) => ({ name }));
}

const BUDGETS = ['seconds', 'rows', 'bytes', 'differences'] as const;

/** @throws DomainError `comparison_invalid` naming every field that is wrong */
export function checkDefinition(definition: ComparisonDefinition): void {
  const fields: FieldProblem[] = [];
  const { key, budget = {}, sampleShare = 1, recheckAfterSeconds = 1, columns = [] } = definition;
  if (key.length === 0) fields.push({ field: 'key', reason: 'names no column' });
  for (const name of BUDGETS)
    if (!((budget[name] ?? 1) > 0)) fields.push({ field: `budget.${name}`, reason: 'must be above 0' });
  if (!(sampleShare > 0 && sampleShare <= 1))
    fields.push({ field: 'sampleShare', reason: 'must be above 0, and 1 at most' });
  if (!(recheckAfterSeconds >= 0)) fields.push({ field: 'recheckAfterSeconds', reason: 'must not be below 0' });
  for (const [at, { tolerance = {} }] of columns.entries())
    for (const name of ['absolute', 'relative', 'timeMicros'] as const)
      if (!((tolerance[name] ?? 0) >= 0))
        fields.push({ field: `columns.${at}.tolerance.${name}`, reason: 'must not be below 0' });
  const [first] = fields;
  if (first) throw invalid('comparison_invalid', `${first.field} ${first.reason}`, fields);
}
