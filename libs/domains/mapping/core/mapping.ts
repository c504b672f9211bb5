import type { Conversion } from './conversions';

/** How texts of a body are encoded. */
export const ENCODINGS = ['utf-8', 'latin1', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Rows of RFC 4180. Paths are names of columns. */
export interface CsvFormat {
  readonly kind: 'csv';
  /** One ASCII character. */
  readonly delimiter: string;
  readonly quote: string;
  readonly encoding: Encoding;
  /** Names of a file without a header row; without them the first row names its columns. */
  readonly columns?: readonly string[] | undefined;
}

/** Elements of XML 1.0. Paths lead from the record: `Line[2]/Sku`, `Buyer/@id`, `.`; from the root with a slash: `/Orders/@created`. */
export interface XmlFormat {
  readonly kind: 'xml';
  /** The element that is a record, from the root: `Orders/Order`. */
  readonly record: string;
  /** Prefixes that paths use. Without them, namespaces are ignored. */
  readonly namespaces?: Readonly<Record<string, string>> | undefined;
}

/** Which part of an EDI message is a record. Without a segment named, the message is. */
interface MessageParts {
  /** Begins a record, again and again, as `PO1` or `LIN` do. */
  readonly recordSegment?: string | undefined;
  /** Begins what follows the last record and belongs to all, as `CTT` or `UNS` do. */
  readonly summarySegment?: string | undefined;
}
/** ASC X12 interchanges. Paths: `BEG.3`, `N1[1=ST].2`, `PO1[2].4`, `N1[1=ST]/N4.1`, `SVC.1.2`. */
export interface X12Format extends MessageParts {
  readonly kind: 'x12';
  readonly encoding: Encoding;
}
/** UN/EDIFACT interchanges (ISO 9735). Paths as for X12: `NAD[1=BY].2.1`. Texts are encoded as their UNB says. */
export interface EdifactFormat extends MessageParts {
  readonly kind: 'edifact';
}

/** What the schema of a message says of a column, for messages without one. */
export const COLUMN_TYPES = [
  'date',
  'time_ms',
  'time_us',
  'time_ns',
  'timestamp_ms',
  'timestamp_us',
  'timestamp_ns',
  'decimal',
  'variable_decimal',
  'bits',
  'json',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];
export interface Column {
  readonly type: ColumnType;
  /** Digits behind the point of a `decimal`. */
  readonly scale?: number | undefined;
  /** Of `bits`. */
  readonly length?: number | undefined;
}
/** Change events of Debezium in JSON. Paths lead into the envelope: `row.id`, `after.total`, `source.table`, `key.id`. */
export interface DebeziumFormat {
  readonly kind: 'debezium';
  readonly columns?: Readonly<Record<string, Column>> | undefined;
  /** Stands for a value that the connector did not have. */
  readonly unavailableValue: string;
}

export type Format = CsvFormat | XmlFormat | X12Format | EdifactFormat | DebeziumFormat;
export type FormatKind = Format['kind'];

/** Where a value comes from. Empty text is no value, but in Debezium's rows. */
export type Term =
  | { readonly value: string | number | boolean }
  | PathTerm
  /** Paths in braces: `{BEG.3}-{PO1.1}`. Where one has no value, the whole has none. */
  | { readonly template: string; readonly as?: readonly Conversion[] | undefined }
  /** 128 bits of SHA-256 over the values, for formats without an id. */
  | { readonly hash: readonly string[] };

export interface PathTerm {
  readonly path: string;
  readonly as?: readonly Conversion[] | undefined;
  /** By value, after its conversions. A value that is not there takes the default, or the record is rejected. */
  readonly choose?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Where there is no value. */
  readonly default?: string | number | boolean | undefined;
}

/** Fields of a tracking event, in the order in which they are written. */
export const EVENT_FIELDS = [
  'id',
  'source',
  'process',
  'stage',
  'key',
  'type',
  'occurredAt',
  'originAt',
  'timeZone',
  'correlationId',
  'sequence',
  'attempt',
  'status',
  'test',
  'manual',
  'synthetic',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** Makes tracking events of the records of another format. */
export interface MappingDefinition {
  readonly description?: string | undefined;
  readonly format: Format;
  readonly event: Readonly<Partial<Record<EventField, Term | undefined>>>;
  /** By where it goes: `customer.name`. */
  readonly data?: Readonly<Record<string, Term>> | undefined;
}

/** Content types of a body, by format. The first is what the CLI sends. */
export const BODY_TYPES_OF: Readonly<Record<FormatKind, readonly [string, ...string[]]>> = {
  csv: ['text/csv'],
  xml: ['application/xml', 'text/xml'],
  x12: ['application/edi-x12'],
  edifact: ['application/edifact'],
  debezium: ['application/x-ndjson', 'application/json'],
};
