import { invalid } from '@holdfast/kernel';
import type { Condition, Key } from '../core/comparison';
import type { Dialect } from './dialect';
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

  orderBy(key: readonly ReadColumn[]): string {
    const { dialect } = this;
    return key
      .map((column) => `${dialect.order(column)}${column.column.nullable ? dialect.nullsFirst : ''}`)
      .join(', ');
  }

  where(plan: RowPlan, range: KeyRange): string {
    const { dialect } = this;
    const all = [
      ...(plan.where === undefined ? [] : [`(${plan.where}\n)`]), // the newline ends a comment in it
      ...plan.conditions.map(({ column, condition }) => this.condition(column, condition)),
      ...(plan.sampleShare >= 1 ? [] : [this.sample(plan)]),
      ...(range.after ? [this.beyond(plan.key, range.after, '>')] : []),
      ...(range.upTo ? [`not ${this.beyond(plan.key, range.upTo, '>')}`] : []),
      ...(range.keys ? [`(${range.keys.map((key) => this.isKey(plan.key, key)).join(' or ')})`] : []),
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

  private isKey(columns: readonly ReadColumn[], key: Key): string {
    return `(${columns.map((column, at) => this.isValue(column, key[at]!)).join(' and ')})`;
  }

  private isValue(column: ReadColumn, value: string | null): string {
    const order = this.dialect.order(column);
    return value === null ? `${order} is null` : `${order} = ${this.dialect.literal(value, column)}`;
  }

  /** In the order of keys behind one; NULL is in front of everything. Never NULL itself, so that it may be negated. */
  private beyond(columns: readonly ReadColumn[], key: Key, operator: '>'): string {
    const { dialect } = this;
    if (columns.every(({ column }) => !column.nullable)) {
      const list = columns.map((column) => dialect.order(column)).join(', ');
      const values = columns.map((column, at) => dialect.literal(key[at]!, column)).join(', ');
      return columns.length === 1 ? `(${list} ${operator} ${values})` : `((${list}) ${operator} (${values}))`;
    }
    const ways = columns.map((column, at) => {
      const before = columns.slice(0, at).map((one, index) => this.isValue(one, key[index]!));
      const order = dialect.order(column);
      const value = key[at]!;
      const behind =
        value === null
          ? `${order} is not null`
          : `(${order} is not null and ${order} ${operator} ${dialect.literal(value, column)})`;
      return `(${[...before, behind].join(' and ')})`;
    });
    return `coalesce(${ways.join(' or ')}, false)`;
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

const SIGNS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
