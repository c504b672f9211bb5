import { Logger } from '@nestjs/common';
import { DomainError, formatInstant, newId, type Micros } from '@holdfast/kernel';
import { SupersededError, TileLog, type LogStore, type SignerKey } from '@holdfast/platform/transparency';
import type { AuditStore, NewRow } from '../audit.store';
import { commitmentOf, newSalt } from '../commitment';
import { canonicalText, OPENED, REDACTED, readEntry, type NewEntry } from '../core/entry';
import { KnownIds } from './known-ids';

/** An entry to be appended. */
export interface Submission {
  readonly entry: NewEntry;
  /** Whether its id may have come long ago, as that of a workflow's step may; else it is looked for among the last ones only. */
  readonly mayBeOld: boolean;
}

interface Waiting extends Submission {
  readonly done: (sequence: number) => void;
  readonly failed: (error: unknown) => void;
}

/** Entries in one commit. */
const MOST_IN_BATCH = 2_000;
const MOST_WAITING = 50_000;
const INSERT_TRIES = 3;
const ACTOR = 'audit-log';

export interface SequencerOptions {
  readonly store: LogStore;
  readonly rows: AuditStore;
  /** Name of the log. */
  readonly origin: string;
  readonly keys: readonly SignerKey[];
  /** Called once when another process owns the log by now: this one has to end. */
  readonly onSuperseded: () => void;
  readonly now?: () => Micros;
}

/**
 * The one writer of the audit log. What waits is written together: rows into ClickHouse, then a commit of the log, which makes them count, then tiles and
 * checkpoint; then the answers. Rows say for which commit they are meant. A writer that takes over uses up the number that its predecessor's rows may be meant for, so that
 * rows which were never committed are told by their number (ADR 25).
 */
export class Sequencer {
  private readonly log = new Logger('Sequencer');
  private readonly known = new KnownIds();
  private readonly waiting: Waiting[] = [];
  /** As it was taken over last. */
  private tiles: TileLog | undefined;
  /** Whether something failed after which only a new look at the log says what it is. */
  private isUnsure = true;
  /** Of the last commit: it is written while the next rows are. */
  private publishing: Promise<void> = Promise.resolve();
  private working: Promise<void> | undefined;
  private isClosing = false;
  private isOver = false;
  private lastAt: Micros = 0;
  /** What the log has to say of itself with the next batch. */
  private owed: NewEntry[] = [];

  constructor(private readonly options: SequencerOptions) {}

  /** Takes the log over, and says so in it. @throws SupersededError, BrokenLogError; DomainError `unavailable` */
  async open(): Promise<void> {
    await this.takeOver();
    await this.append([]);
  }

  /** For readers. @throws DomainError `unavailable` until it is open */
  get published(): TileLog {
    if (!this.tiles) throw notNow();
    return this.tiles;
  }

  /**
   * Appends entries; durable and in the published checkpoint when it returns. One whose id is there already is not appended again.
   * @returns their sequences, in order
   * @throws DomainError `unavailable`: nothing of it may count, and a repeat under the same ids is safe
   */
  append(submissions: readonly Submission[]): Promise<number[]> {
    if (this.isOver || this.isClosing || this.waiting.length + submissions.length > MOST_WAITING)
      return Promise.reject(notNow());
    const all = submissions.map(
      (one) =>
        new Promise<number>((done, failed) => {
          this.waiting.push({ ...one, done, failed });
        }),
    );
    const work = (this.working ??= this.work().finally(() => (this.working = undefined)));
    return all.length === 0 ? work.then(() => this.publishing).then(() => []) : Promise.all(all);
  }

  /**
   * Erases what an entry says, and its salt; that it was there, and that it was erased, stays. A repeat does it again.
   * @throws DomainError `not_found` audit_entry_not_found, `conflict` audit_entry_permanent, `unavailable`
   */
  async redact(sequence: number, by: Pick<NewEntry, 'actor' | 'actorKind' | 'reason' | 'request'>): Promise<number> {
    if (!(sequence < this.published.size)) throw noSuchEntry();
    const row = await this.options.rows.entry(sequence);
    if (row && [OPENED, REDACTED].includes(readEntry(row.entry).action))
      throw new DomainError('conflict', 'audit_entry_permanent', 'what the log says of itself is not erased');
    const subject = { kind: 'audit-entry', id: String(sequence) };
    const said = { kind: 'change', action: REDACTED, subject, outcome: 'success', ...by } as const;
    const [at] = await this.append([{ entry: { ...said, id: `redact-${sequence}` }, mayBeOld: true }]);
    await this.options.rows.erase(sequence);
    return at!;
  }

  /** Writes what waits, and takes nothing more. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.working;
    await this.publishing.catch(() => undefined);
    this.isOver = true;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0 || this.owed.length > 0) {
      const batch = this.waiting.splice(0, MOST_IN_BATCH);
      try {
        const sequences = await this.write(batch);
        void this.publishing.then(
          () => batch.forEach(({ done }, i) => done(sequences[i]!)),
          (error: unknown) => this.fail(batch, error),
        );
      } catch (error) {
        this.fail(batch, error);
        if (batch.length === 0 || this.isOver) return; // what is owed goes with the next batch
      }
    }
  }

  private fail(batch: readonly Waiting[], error: unknown): void {
    for (const { failed } of batch) failed(error instanceof DomainError ? error : notNow());
    if (!(error instanceof DomainError)) this.log.error(error);
    if (error instanceof SupersededError) this.end();
  }

  private async write(batch: readonly Waiting[]): Promise<number[]> {
    const tiles = this.tiles && !this.isUnsure ? this.tiles : await this.takeOver();
    const old = batch.filter(({ entry, mayBeOld }) => mayBeOld && this.known.get(entry.id) === undefined);
    const found = await this.options.rows.sequencesOf(
      old.map(({ entry }) => entry.id),
      tiles.size,
    );
    for (const [id, sequence] of found) this.known.add(id, sequence);
    const fresh = new Map<string, NewEntry>();
    for (const entry of [...this.owed, ...batch.map((one) => one.entry)])
      if (this.known.get(entry.id) === undefined) fresh.set(entry.id, entry);
    if (fresh.size > 0) await this.add(tiles, [...fresh.values()]);
    return batch.map(({ entry }) => this.known.get(entry.id)!);
  }

  /** Returns when the entries are committed; `publishing` goes on. */
  private async add(tiles: TileLog, entries: readonly NewEntry[]): Promise<void> {
    const { size: first, number } = tiles;
    this.lastAt = Math.max(this.lastAt, (this.options.now ?? nowMicros)());
    const at = formatInstant(this.lastAt);
    const rows = entries.map((entry, i): NewRow => {
      const text = canonicalText(entry, at);
      return { sequence: first + i, commit: number + 1, at, salt: newSalt(), entry: text };
    });
    await this.insert(tiles, rows);
    await this.publishing;
    await this.surely(() => tiles.append(rows.map(({ salt, entry }) => commitmentOf(salt, entry))));
    this.owed = [];
    for (const [i, { id }] of entries.entries()) this.known.add(id, first + i);
    this.publish(tiles);
  }

  /** Rows of which nobody knows whether they are there must not be taken for those that get their sequences: their commit is used up. */
  private async insert(tiles: TileLog, rows: readonly NewRow[]): Promise<void> {
    for (let tried = 1; ; tried++)
      try {
        await this.options.rows.insert(rows);
        return;
      } catch (error) {
        if (tried < INSERT_TRIES) continue;
        await this.publishing;
        await this.surely(() => tiles.renew());
        this.owe(tiles);
        this.publish(tiles);
        throw error;
      }
  }

  private publish(tiles: TileLog): void {
    this.publishing = this.surely(() => tiles.publish());
    this.publishing.catch(() => undefined); // heard by who waits for it
  }

  /** After a step that failed, only a new look at the log says what it is. */
  private async surely(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.isUnsure = true;
      throw error;
    }
  }

  private async takeOver(): Promise<TileLog> {
    const { store, origin, keys, rows } = this.options;
    const tiles = await TileLog.takeOver(store, origin, keys);
    const last = await rows.lastCommit();
    if (last > tiles.number) throw new OldLogError();
    await this.known.load(rows, tiles.size);
    const newest = await rows.entry(tiles.size - 1);
    if (newest) this.lastAt = Math.max(this.lastAt, Date.parse(readEntry(newest.entry).at) * 1000 + 999);
    this.tiles = tiles;
    this.isUnsure = false;
    this.publishing = Promise.resolve();
    this.owe(tiles);
    return tiles;
  }

  private owe({ number }: TileLog): void {
    const said = { kind: 'log', action: OPENED, actor: ACTOR, actorKind: 'system', outcome: 'success' } as const;
    const subject = { kind: 'audit-log', id: this.options.origin };
    this.owed.push({ ...said, subject, id: newId(), code: String(number) });
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const { failed } of this.waiting.splice(0)) failed(notNow());
    this.options.onSuperseded();
  }
}

/** The rows know of commits that the log does not: its directory is an old one. */
export class OldLogError extends Error {
  override readonly name = 'OldLogError';
  constructor() {
    super(
      'audit_entries has rows of commits that HOLDFAST_AUDIT_LOG_DIR does not know: it is empty, or was put back to an earlier state. Name the one that belongs to this store',
    );
  }
}

const nowMicros = (): Micros => Date.now() * 1000;
const notNow = (): DomainError =>
  new DomainError('unavailable', 'audit_unavailable', 'the audit log takes no entries now', { retryAfterSeconds: 2 });
const noSuchEntry = (): DomainError =>
  new DomainError('not_found', 'audit_entry_not_found', 'the audit log has no entry of this sequence');
