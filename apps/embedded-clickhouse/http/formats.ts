const CONTENT_TYPES: readonly (readonly [format: RegExp, type: string])[] = [
  [/^JSON(?:Compact)?(?:Strings|Columns|ColumnsWithMetadata|ObjectEachRow)?$/i, 'application/json; charset=UTF-8'],
  [/^(?:JSON.*EachRow.*|NDJSON|JSONLines)$/i, 'application/x-ndjson; charset=UTF-8'],
  [/^CSV/i, 'text/csv; charset=UTF-8'],
  [/^(?:TabSeparated|TSV)/i, 'text/tab-separated-values; charset=UTF-8'],
  [
    /^(?:Native|RowBinary.*|Parquet|ORC|Arrow.*|Avro|MsgPack|BSONEachRow|Protobuf.*|RawBLOB|Npy)$/i,
    'application/octet-stream',
  ],
];

/** The Content-Type of an answer in a format of ClickHouse's. */
export const contentTypeOf = (format: string): string =>
  CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8';
