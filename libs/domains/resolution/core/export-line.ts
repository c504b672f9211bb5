/** One record of an export; what a kind of record does not have is left out. */
export interface ExportRecord {
  readonly record: 'window' | 'revision' | 'discrepancy' | 'acceptance' | 'decision' | 'end';
  readonly [column: string]: string | number;
}
export type ExportFormat = 'ndjson' | 'csv';

/** Columns of the CSV form, which has all kinds of records in one table. */
export const COLUMNS = [
  ...['record', 'reconciliation', 'revision', 'at', 'from', 'to', 'state', 'processVersion', 'open', 'accepted'],
  ...['key', 'stage', 'hop', 'kind', 'field', 'expected', 'found', 'acceptance'],
  ...['decision', 'action', 'rule', 'ruleVersion', 'discrepancies', 'by', 'outcome'],
  ...['approvedBy', 'approvedAt', 'expiresAt', 'reason', 'lines', 'sha256'],
] as const;

/** A record as a line with its end: JSON, or CSV by RFC 4180. */
export function lineOf(record: ExportRecord, format: ExportFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(record)}\n`;
  return `${COLUMNS.map((column) => cell(record[column])).join(',')}\r\n`;
}

/** What a sheet would take for a formula begins with an apostrophe: keys and values come from senders. */
const cell = (value: string | number | undefined): string => {
  const said = String(value ?? '');
  const text = /^[=+\-@\t\r]/.test(said) && !/^[+-]?\d+(\.\d+)?$/.test(said) ? `'${said}` : said;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
