import { once } from 'node:events';

/** A table's column: its heading and what it shows of a row. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | boolean | null | undefined;
  readonly align?: 'right';
}

/** Rows in columns as wide as they need to be, without trailing spaces. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], indent = ''): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? ''))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((text, column) =>
        columns[column]!.align === 'right' ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${indent}${line}`).join('\n');
}

/** Names and values under one another. */
export function facts(
  entries: readonly (readonly [name: string, value: string | number | null | undefined])[],
): string {
  const shown = entries.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value ?? ''}`).join('\n');
}

/** Digits in groups of three: `600,000`. */
export const count = (value: number): string => value.toLocaleString('en-US');

export const seconds = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;

/** Where a command's answer goes: one JSON document or NDJSON on stdout and nothing else, or text for people. */
export class Output {
  constructor(
    readonly isJson: boolean,
    private readonly stdout: NodeJS.WritableStream = process.stdout,
    private readonly stderr: NodeJS.WritableStream = process.stderr,
  ) {}

  /** The whole answer. */
  document(value: unknown, text: () => string): void {
    this.stdout.write(this.isJson ? `${JSON.stringify(value)}\n` : `${text()}\n`);
  }

  /** One of many parts of the answer, as it comes. */
  line(value: unknown, text: () => string): void {
    this.document(value, text);
  }

  /** Many lines at once, as they are; waits while the reader is slower. */
  async text(lines: string): Promise<void> {
    if (!this.stdout.write(lines)) await once(this.stdout, 'drain');
  }

  /** A list: NDJSON, or a table. */
  async list<T>(items: AsyncIterable<T>, columns: readonly Column<T>[], nothing: string): Promise<number> {
    if (this.isJson) {
      let written = 0;
      for await (const item of items) {
        this.stdout.write(`${JSON.stringify(item)}\n`);
        written++;
      }
      return written;
    }
    const rows: T[] = [];
    for await (const item of items) rows.push(item);
    this.stdout.write(rows.length === 0 ? `${nothing}\n` : `${table(rows, columns)}\n`);
    return rows.length;
  }

  /** For people, beside the answer: never on stdout. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }
}
