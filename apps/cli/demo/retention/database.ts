import type { Stack } from '../../../standalone/stack';
import { DemoError } from '../demo-error';

/** The store as its administrator has it: nothing of Holdfast is between. */
export class Database {
  constructor(private readonly address: Stack['clickhouse']) {}

  /** Records as they were received over the years. @param months such as 2024-01, with as many records each */
  async receive(process: string, months: readonly string[], records: number): Promise<void> {
    for (const month of months) {
      const rows = Array.from({ length: records }, (_, number) => {
        const day = String((number % 28) + 1).padStart(2, '0');
        const at = `${month}-${day} ${String(number % 24).padStart(2, '0')}:00:00`;
        const key = `INV-${month.replace('-', '')}-${String(number).padStart(5, '0')}`;
        return {
          ...{ process, key, stage: 'shop', source: 'shop', id: `${key}/placed`, attempt: 1, type: 'invoice.issued' },
          ...{ outcome: 'stored', sign: 1, digest: 0, definition: 0, correlation_id: `customer-${number % 40}` },
          ...{ origin_from: 'event', occurred_at: at, origin_at: at, received_at: at, payload_hash: number },
          ...{ identity: key.padEnd(16, '-').slice(0, 16), agreed: '[]', attributes: '{"region":"eu"}' },
          data: JSON.stringify({ amount: (number * 37) % 1000, currency: 'EUR' }),
        };
      });
      const lines = rows.map((row) => JSON.stringify(row)).join('\n');
      await this.ask(`INSERT INTO app.tracking_records FORMAT JSONEachRow ${lines}`);
    }
  }

  async records(): Promise<number> {
    return Number(await this.ask('SELECT count() FROM app.tracking_records'));
  }

  /** What the administrator does who wants a row of the audit log to say something else. */
  async alterAuditRow(sequence: number): Promise<void> {
    await this.ask(
      `ALTER TABLE app.audit_entries UPDATE entry = replaceOne(entry, '"actor":"admin"', '"actor":"nobody"') WHERE sequence = ${sequence} SETTINGS mutations_sync = 2`,
    );
  }

  private async ask(statement: string): Promise<string> {
    const headers = { 'x-clickhouse-user': 'default', 'x-clickhouse-key': this.address.password ?? '' };
    const answer = await fetch(this.address.url, { method: 'POST', headers, body: statement });
    const text = await answer.text();
    if (!answer.ok) throw new DemoError(`the store refused: ${text.slice(0, 300)}`);
    return text.trim();
  }
}
