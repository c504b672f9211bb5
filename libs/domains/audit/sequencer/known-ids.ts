import type { AuditStore } from '../audit.store';

/** Ids of the last entries with their sequences: who got no answer sends an entry again, soon. */
const MOST = 200_000;

export class KnownIds {
  private readonly sequences = new Map<string, number>();

  get(id: string): number | undefined {
    return this.sequences.get(id);
  }

  add(id: string, sequence: number): void {
    this.sequences.set(id, sequence);
    if (this.sequences.size > MOST) this.sequences.delete(this.sequences.keys().next().value!);
  }

  /** Those of the last entries of a log of this size. */
  async load(rows: AuditStore, size: number): Promise<void> {
    for (const [id, sequence] of await rows.recentIds(Math.max(0, size - MOST), size)) this.add(id, sequence);
  }
}
