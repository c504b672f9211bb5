import { invalid } from '@holdfast/kernel';
import type { Condition, Key } from '../core/comparison';
import type { Side } from '../core/data-set';
import type { Dialect } from './dialect';
import type { TypeKind } from '../core/logical-type';
import type { ReadColumn } from '../core/plan';
import type { Blocks, KeyRange, RowPlan, Span } from './source';

/** Statements are written here for stores whose tables and columns are known only when they are read. Whatever comes from outside is quoted by the dialect. */
export class Statements {
  constructor(
    private readonly dialect: Dialect,
    private readonly table: string,
  ) {}

  rows(plan: RowPlan, range: KeyRange): string {
    const { dialect } = this;
    return `select ${dialect.line([...plan.key, ...plan.values])} from ${this.table}${this.where(plan, range)} order by ${this.orderBy(plan.key)}${range.limit === undefined ? '' : ` limit ${range.limit}`}`;
  }

  /** Block number, rows and digest. The key is one whole-numbered column. */
  digests(plan: RowPlan, range: KeyRange, { size }: Blocks): string {
    const { dialect } = this;
    const [key] = plan.key;
    const block = dialect.block(dialect.order(key!), size);
    return `select ${dialect.digestLine(block, dialect.digest([...plan.key, ...plan.values]))} from ${this.table}${this.where(plan, range)} group by ${block} order by ${block}`;
  }

  count(plan: RowPlan, range: KeyRange): string {
    return `select count(*) as count from ${this.table}${this.where(plan, range)}`;
  }

  /** Rows, NULLs, distinct values up to a bound, the least, the greatest and the sum of a column, on one line. */
  profile(column: ReadColumn, bound: number): string {
    const { dialect, table } = this;
    const name = dialect.quote(column.column.name);
    const [canonical, order] = [dialect.canonical(column), dialect.order(column)];
    const isSummed = column.column.type.kind === 'integer' || column.column.type.kind === 'decimal';
    const end = (direction: string): string =>
      `(select ${canonical} from ${table} where ${name} is not null order by ${order}${direction} limit 1)`;
    return `select ${dialect.fields([
      `(select count(*) from ${table})`,
      `(select count(*) from ${table} where ${name} is null)`,
      `(select count(*) from (select distinct ${order} as value from ${table} where ${name} is not null limit ${bound}) held)`,
      end(''),
      end(' desc'),
      isSummed ? `(select ${dialect.sum(column)} from ${table})` : 'null',
    ])}`;
  }

  /** Of two tables in one database of PostgreSQL, with unique keys that are not NULL: what one side lacks, and what may differ. */
  join(target: Statements, plans: Readonly<Record<Side, RowPlan>>, range: KeyRange): string {
    const { key, values } = plans.source;
    const names = (prefix: string, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    const keys = names('k', key.length);
    const fields = [...keys.map((_, at) => `t${at}`), ...names('v', values.length)];
    const of = (alias: string): string => fields.map((field) => `${alias}.${field}`).join(', ');
    const differs = names('v', values.length).map((field) => `a.${field} is distinct from b.${field}`);
    const order = keys.map((name) => `coalesce(a.${name}, b.${name})`).join(', ');
    return `select (a.k0 is not null)::int, (b.k0 is not null)::int, ${of('a')}, ${of('b')} from (${this.joinable(plans, 'source', range)}) a full join (${target.joinable(plans, 'target', range)}) b on ${keys.map((name) => `a.${name} = b.${name}`).join(' and ')} where ${['a.k0 is null', 'b.k0 is null', ...differs].join(' or ')} order by ${order}`;
  }

  /** Keys as they are joined (k) and as they are shown (t), and values. */
  private joinable(plans: Readonly<Record<Side, RowPlan>>, side: Side, range: KeyRange): string {
    const { dialect } = this;
    const plan = plans[side];
    const columns = [
      ...plan.key.map((column, at) => `${dialect.order(column)} as k${at}`),
      ...plan.key.map((column, at) => `${dialect.canonical(column)} as t${at}`),
      ...plan.values.map((column, at) => {
        const isExact = isComparedExactly(plans.source.values[at]!, plans.target.values[at]!);
        const canonical = dialect.canonical(column);
        return `${isExact ? canonical : `(${canonical})::text collate "C"`} as v${at}`;
      }),
    ];
    return `select ${columns.join(', ')} from ${this.table}${this.where(plan, range)}`;
  }

  orderBy(key: readonly ReadColumn[]): string {
    const { dialect } = this;
    return key
      .map((column) => `${dialect.order(column)}${column.column.nullable ? dialect.nullsFirst : ''}`)
      .join(', ');
  }

  where(plan: RowPlan, range: KeyRange): string {
    const all = [
      ...(plan.where === undefined ? [] : [`(${plan.where}\n)`]), // the newline ends a comment in it
      ...plan.conditions.map(({ column, condition }) => this.condition(column, condition)),
      ...(plan.sampleShare >= 1 ? [] : [this.sample(plan)]),
      ...(range.after ? [this.beyond(plan.key, range.after)] : []),
      ...(range.keys ? [this.isOneOf(plan.key, range.keys)] : []),
      ...(range.spans ? [`(${range.spans.map((span) => this.inSpan(plan.key[0]!, span)).join(' or ')})`] : []),
    ];
    return all.length === 0 ? '' : ` where ${all.join(' and ')}`;
  }

  private inSpan(column: ReadColumn, { low, high }: Span): string {
    return `(${this.dialect.order(column)} between ${low} and ${high})`;
  }

  private sample({ key, sampleShare }: RowPlan): string {
    const { dialect } = this;
    const limit = Math.min(0xffff_ffff, Math.ceil(sampleShare * 0x1_0000_0000));
    const text = dialect.joined(key.map((column) => dialect.canonical(column)));
    return `${dialect.hashPrefix(text)} < '${limit.toString(16).padStart(8, '0')}'`;
  }

  private isOneOf(columns: readonly ReadColumn[], keys: readonly Key[]): string {
    const [column] = columns;
    if (columns.length === 1 && keys.every(([value]) => value !== null))
      return `${this.dialect.order(column!)} in (${keys.map(([value]) => this.dialect.literal(value!, column!)).join(', ')})`;
    return `(${keys.map((key) => this.isKey(columns, key)).join(' or ')})`;
  }

  private isKey(columns: readonly ReadColumn[], key: Key): string {
    return `(${columns.map((column, at) => this.isValue(column, key[at]!)).join(' and ')})`;
  }

  private isValue(column: ReadColumn, value: string | null): string {
    const order = this.dialect.order(column);
    return value === null ? `${order} is null` : `${order} = ${this.dialect.literal(value, column)}`;
  }

  /** In the order of keys behind one; NULL is in front of everything. */
  private beyond(columns: readonly ReadColumn[], key: Key): string {
    const { dialect } = this;
    if (columns.every(({ column }) => !column.nullable)) {
      const list = columns.map((column) => dialect.order(column)).join(', ');
      const values = columns.map((column, at) => dialect.literal(key[at]!, column)).join(', ');
      return columns.length === 1 ? `(${list} > ${values})` : `((${list}) > (${values}))`;
    }
    const ways = columns.map((column, at) => {
      const before = columns.slice(0, at).map((one, index) => this.isValue(one, key[index]!));
      const order = dialect.order(column);
      const value = key[at] ?? null;
      const behind = value === null ? `${order} is not null` : `${order} > ${dialect.literal(value, column)}`;
      return `(${[...before, behind].join(' and ')})`;
    });
    return `(${ways.join(' or ')})`;
  }

  private condition(column: ReadColumn, { operator, value }: Condition): string {
    const order = this.dialect.order(column);
    if (operator === 'is_null') return `${order} is null`;
    if (operator === 'is_not_null') return `${order} is not null`;
    const literal = (one: unknown): string => this.dialect.literal(String(one), column);
    if (operator === 'in') {
      if (!Array.isArray(value) || value.length === 0)
        throw invalid('comparison_invalid', 'a condition with `in` has an empty list', [
          { field: 'conditions', reason: '`in` needs a list that is not empty' },
        ]);
      return `${order} in (${value.map(literal).join(', ')})`;
    }
    return `${order} ${SIGNS[operator]} ${literal(value)}`;
  }
}

const EXACT: readonly TypeKind[] = ['integer', 'decimal', 'boolean', 'date', 'time', 'timestamp', 'uuid'];

/** Values of one such type are equal to the store where their texts are. Others are compared as texts: it would round numbers of two types, and fold letters where a collation does. */
const isComparedExactly = ({ column: a }: ReadColumn, { column: b }: ReadColumn): boolean =>
  a.native === b.native && EXACT.includes(a.type.kind);

const SIGNS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
