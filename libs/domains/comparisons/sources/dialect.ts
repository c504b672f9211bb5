import type { LogicalType } from '../core/logical-type';
import type { ReadColumn } from '../core/plan';

/** How a store writes what a comparison asks of it. Every text is SQL. */
export interface Dialect {
  quote(identifier: string): string;
  /** A value that somebody gave, compared with `order` of a column. @throws DomainError when the column cannot have it */
  literal(value: string, column: ReadColumn): string;
  /** The text of a column's value: equal for equal values in every dialect, where that is cheap; never for different ones. */
  canonical(column: ReadColumn): string;
  /** What rows are ordered and compared by, NULL aside: numbers by value, anything else by the bytes of its canonical text. */
  order(column: ReadColumn): string;
  /** Orders NULL first. */
  readonly nullsFirst: string;
  /** One line of these texts (of `canonical`), or the list of columns of which the store makes one. */
  line(columns: readonly ReadColumn[]): string;
  /** One line of texts or numbers that may be NULL, or the list of which the store makes one. */
  fields(texts: readonly string[]): string;
  /** The sum of whole numbers or decimals, exactly. */
  sum(column: ReadColumn): string;
  /** The first eight digits of the MD5 of a text, in lower case. */
  hashPrefix(text: string): string;
  /** Texts that may be NULL, one after the other. */
  joined(texts: readonly string[]): string;
  /** Digest of ordered lines of a group, in hexadecimal digits. */
  digest(columns: readonly ReadColumn[]): string;
  /** One line of block number, rows and digest. */
  digestLine(block: string, digest: string): string;
  /** Number of the block that a whole number is in, rounded down. */
  block(order: string, size: number): string;
}

const NUMBER = /^-?\d{1,100}(\.\d{1,100})?$/;

/** Whether a text may stand in SQL as the number that it is. */
export const isPlainNumber = (text: string): boolean => NUMBER.test(text);

/** Types whose values are compared as numbers, whatever they are shown as. */
export const isNumeric = ({ kind }: LogicalType): boolean =>
  kind === 'integer' || kind === 'decimal' || kind === 'float';
