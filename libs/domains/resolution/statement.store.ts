import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { formatInstant } from '@holdfast/kernel';
import { z } from 'zod';

const Stored = z.object({
  statement: z.string(),
  gate: z.string(),
  period: z.string(),
  gateVersion: z.number(),
  issuedBy: z.string(),
  issuedAt: micros,
  signature: z.string(),
});
export type StoredStatement = z.output<typeof Stored>;
const Window = z.object({ reconciliation: z.string(), revision: z.number(), open: z.coerce.number() });
export type StatedWindow = z.output<typeof Window>;

const listStatements = typedQuery(
  'resolution/list_statements',
  z.object({ period: z.string(), gate: z.string() }),
  Stored,
);
const findStatement = typedQuery('resolution/find_statement', z.object({ statement: z.string() }), Stored);
const listStatementWindows = typedQuery(
  'resolution/list_statement_windows',
  z.object({ statement: z.string(), after: z.string(), limit: z.int() }),
  Window,
);
const StatementRow = z.object({
  statement: z.string(),
  gate: z.string(),
  period: z.string(),
  gate_version: z.int(),
  issued_by: z.string(),
  issued_at: z.string(),
  signature: z.string(),
});
const WindowRow = Window.extend({ statement: z.string() });

/** Statements as they were signed. */
@Injectable()
export class StatementStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async add({ gateVersion, issuedBy, issuedAt, ...one }: StoredStatement): Promise<void> {
    const row = { ...one, gate_version: gateVersion, issued_by: issuedBy, issued_at: formatInstant(issuedAt) };
    await this.clickhouse.insert('statements', StatementRow, [row]);
  }

  /** Newest first. @param gate '' for all */
  list(period: string, gate: string): Promise<StoredStatement[]> {
    return this.clickhouse.rows(listStatements, { period, gate });
  }

  find(statement: string): Promise<StoredStatement | undefined> {
    return this.clickhouse.row(findStatement, { statement });
  }

  async addWindows(statement: string, windows: readonly StatedWindow[]): Promise<void> {
    await this.clickhouse.insert(
      'statement_windows',
      WindowRow,
      windows.map(({ reconciliation, revision, open }) => ({ statement, reconciliation, revision, open })),
    );
  }

  windows(statement: string, after: string, limit: number): Promise<StatedWindow[]> {
    return this.clickhouse.rows(listStatementWindows, { statement, after, limit });
  }
}
