/** What kind of value a column holds, whatever its store calls it. `untyped`: text of a file that may be anything. `other`: known to its store alone. */
export const TYPE_KINDS = [
  'integer',
  'decimal',
  'float',
  'boolean',
  'text',
  'bytes',
  'uuid',
  'date',
  'time',
  'timestamp',
  'json',
  'untyped',
  'other',
] as const;
export type TypeKind = (typeof TYPE_KINDS)[number];

export interface LogicalType {
  readonly kind: TypeKind;
  /** Digits after the point that every value is shown with; undefined where values have their own. */
  readonly scale?: number;
  /** Text that may as well be bytes: a String of ClickHouse. */
  readonly mayBeBytes?: boolean;
}

/** A column as its store describes it. */
export interface TableColumn {
  readonly name: string;
  readonly type: LogicalType;
  /** What the store calls the type: for messages, and to write expressions by. */
  readonly native: string;
  readonly nullable: boolean;
}

const NUMBERS: readonly TypeKind[] = ['integer', 'decimal', 'float'];
const isNumber = ({ kind }: LogicalType): boolean => NUMBERS.includes(kind);

/**
 * What values of both sides are compared as; undefined where they cannot be. Nothing is compared as something narrower than it is: a text is no number,
 * and a date no time.
 */
export function jointType(a: LogicalType, b: LogicalType): LogicalType | undefined {
  return oneWay(a, b) ?? oneWay(b, a);
}

function oneWay(a: LogicalType, b: LogicalType): LogicalType | undefined {
  if (a.kind === b.kind) return a.kind === 'untyped' ? { kind: 'text' } : sameKind(a, b);
  if (a.kind === 'untyped') return b.kind === 'other' ? { kind: 'text' } : withoutScale(b);
  // Also a double and a decimal: by what is written. Read as doubles, decimals that differ would be equal.
  if (isNumber(a) && isNumber(b)) return { kind: 'decimal' };
  if (a.kind === 'boolean' && b.kind === 'integer') return { kind: 'integer' };
  if (a.kind === 'text' && b.kind === 'bytes') return a.mayBeBytes === true ? { kind: 'bytes' } : undefined;
  if (a.kind === 'text' && (b.kind === 'uuid' || b.kind === 'json')) return { kind: b.kind };
  if (a.kind === 'text' && b.kind === 'other') return { kind: 'text' };
  return undefined;
}

const sameKind = (a: LogicalType, b: LogicalType): LogicalType =>
  a.kind === 'decimal' && a.scale !== b.scale ? { kind: 'decimal' } : a.kind === 'text' ? { kind: 'text' } : a;

const withoutScale = ({ kind }: LogicalType): LogicalType => ({ kind });

/** Kinds whose order is the same in every store, and whose equal values have equal bytes. */
const KEY_KINDS: readonly TypeKind[] = [
  'integer',
  'decimal',
  'boolean',
  'text',
  'bytes',
  'uuid',
  'date',
  'time',
  'timestamp',
];
export const canBeKey = ({ kind }: LogicalType): boolean => KEY_KINDS.includes(kind);
