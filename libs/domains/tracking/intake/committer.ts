import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { outcomeUnknown } from '@holdfast/platform/clickhouse';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { DomainError, type Micros } from '@holdfast/kernel';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type Correction, decide, type Decision } from '../core/decide';
import type { Rejection } from '../core/event';
import { type StoredLiveRow, TrackingStore } from '../tracking.store';
import type { AnyCandidate } from './candidate';
import { Footprint } from './footprint';
import { IntakeKnowledge } from './knowledge';
import { IntakeOwnership } from './ownership';
import { RecordBlock } from './record-block';

/** A record on its way into the store: read well, or to be counted as rejected. */
export type Prepared = AnyCandidate | PreparedRejection;
export interface PreparedRejection {
  readonly line: number;
  readonly rejection: Rejection;
  readonly source: string;
  /** '' when the process is not known. */
  readonly process: string;
}
export const isPreparedRejection = (one: Prepared): one is PreparedRejection => 'rejection' in one;

export interface Committed {
  readonly decisions: readonly Decision<AnyCandidate>[];
  readonly rejections: readonly PreparedRejection[];
}

interface Ticket {
  readonly records: readonly Prepared[];
  readonly candidates: readonly AnyCandidate[];
  readonly bytes: number;
  readonly settle: (committed: Committed) => void;
  readonly fail: (error: unknown) => void;
  /** It could not go beside the batch that was under way: it goes with the next one, of whichever lane. */
  passedOver: boolean;
}

/** At most one batch at a time. */
interface Lane {
  underWay: Footprint | undefined;
  running: Promise<void>;
}

/** What a parsed record takes in memory beside its bytes, roughly. */
export const RECORD_OVERHEAD = 800;

const MOST_ROWS = 10_000;
/** What a lone event or a handful has at most. */
const SMALL_ROWS = 100;
/** Batches of fewer bytes say nothing of the pace: the insert as such takes their time. */
const TELLING_BYTES = 100_000;
/** Rows that are written into a block before others have a turn. */
const TURN_ROWS = 500;
/** Tries of an insert whose outcome is unknown, and the wait before each, in milliseconds. */
export const WAITS = [0, 100, 300, 1_000, 2_000, 3_000];

/**
 * Group commit: what arrives while one insert is under way makes the next. Small tickets have a lane of their own beside the bulk, so that a lone event does not
 * wait for ten thousand others. Batches that are under way at the same time have no event and no key in common, so that each sees all that it depends on.
 * Memory is bounded: records count from when they are read until they are stored; with more than the configured bytes on their way, intake answers 429.
 */
@Injectable()
export class IntakeCommitter implements OnApplicationShutdown {
  private readonly log = new Logger(IntakeCommitter.name);
  private queue: Ticket[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly small: Lane = { underWay: undefined, running: Promise.resolve() };
  private readonly bulk: Lane = { underWay: undefined, running: Promise.resolve() };
  private beginning = false;
  private held = 0;
  /** Bytes a second that were committed of late; what Retry-After is computed from. */
  private pace = 20_000_000;

  constructor(
    private readonly store: TrackingStore,
    private readonly knowledge: IntakeKnowledge,
    private readonly ownership: IntakeOwnership,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Whether records on their way take all the memory that they may. */
  get full(): boolean {
    return this.held >= this.configuration.HOLDFAST_INTAKE_MEMORY_BYTES;
  }

  /** @throws DomainError `too_many_requests` when memory is full, with the seconds after which it should not be */
  admit(): void {
    if (!this.full) return;
    const seconds = Math.min(60, Math.max(1, Math.ceil(this.held / this.pace)));
    throw new DomainError('too_many_requests', 'intake_full', 'more events wait for ClickHouse than memory may hold', {
      retryAfterSeconds: seconds,
    });
  }

  /** Counts what was read of a body, until `release`. */
  hold(bytes: number): void {
    this.held += bytes;
  }

  release(bytes: number): void {
    this.held -= bytes;
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Waits until memory has room for more of a body. The caller has given everything that it holds to `commit`, or all would wait for each other. */
  async room(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /**
   * Stores a batch; returns when it is durable.
   * @param bytes what the batch holds in memory, by which the pace is measured
   * @throws DomainError `unavailable` when it could not be stored, or nobody knows: a retry of the same records is safe
   */
  commit(records: readonly Prepared[], bytes: number): Promise<Committed> {
    const candidates = records.filter((one): one is AnyCandidate => !isPreparedRejection(one));
    return new Promise((settle, fail) => {
      this.queue.push({ records, candidates, bytes, settle, fail, passedOver: false });
      if (this.beginning) return;
      this.beginning = true;
      setImmediate(() => {
        this.beginning = false;
        this.begin();
      }); // requests that came in the same turn share an insert
    });
  }

  async onApplicationShutdown(): Promise<void> {
    while (this.queue.length > 0 || this.small.underWay || this.bulk.underWay) {
      await new Promise(setImmediate);
      await Promise.all([this.small.running, this.bulk.running]);
    }
    await this.ownership.giveUp();
  }

  /**
   * Begins what may begin now. The order of tickets is free: each is of another body, and none of these was answered. The bulk comes first, with the small
   * tickets that could not go beside it, and waits for what it cannot go beside itself: nobody waits for more than two batches that were there before.
   */
  private begin(): void {
    const { small, bulk } = this;
    this.enter(bulk, small.underWay, ({ records, passedOver }) => records.length > SMALL_ROWS || passedOver);
    this.enter(small, bulk.underWay, ({ records, passedOver }) => records.length <= SMALL_ROWS && !passedOver);
  }

  private enter(lane: Lane, beside: Footprint | undefined, isFor: (ticket: Ticket) => boolean): void {
    if (lane.underWay) return;
    const tickets: Ticket[] = [];
    let rows = 0;
    for (const ticket of this.queue) {
      if (!isFor(ticket)) continue;
      if (tickets.length > 0 && rows + ticket.records.length > MOST_ROWS) break;
      if (beside?.touches(ticket.candidates) === true) {
        if (lane === this.bulk) break;
        ticket.passedOver = true;
        continue;
      }
      rows += ticket.records.length;
      tickets.push(ticket);
    }
    if (tickets.length === 0) return;
    const taken = new Set(tickets);
    this.queue = this.queue.filter((ticket) => !taken.has(ticket));
    lane.underWay = new Footprint(tickets.flatMap(({ candidates }) => candidates));
    lane.running = this.storeTickets(tickets).then(() => {
      lane.underWay = undefined;
      this.begin();
    });
  }

  private async storeTickets(tickets: readonly Ticket[]): Promise<void> {
    const started = performance.now();
    const bytes = tickets.reduce((sum, ticket) => sum + ticket.bytes, 0);
    try {
      const decisions = await this.storeBatch(
        tickets.flatMap(({ records }) => records),
        tickets.flatMap(({ candidates }) => candidates),
      );
      for (const { records, candidates, settle } of tickets)
        settle({ decisions: decisions.splice(0, candidates.length), rejections: records.filter(isPreparedRejection) });
      if (bytes >= TELLING_BYTES) this.pace += 0.2 * ((bytes / (performance.now() - started)) * 1000 - this.pace);
    } catch (error) {
      tickets.forEach((ticket) => ticket.fail(error));
    }
  }

  /** @returns a decision for each record that was read well, in their order */
  private async storeBatch(
    records: readonly Prepared[],
    candidates: readonly AnyCandidate[],
  ): Promise<Decision<AnyCandidate>[]> {
    const memory = await this.knowledge.begin(await this.ownership.mustBeOurs());
    const arrival = memory.arrive(Date.now() * 1000);
    let isSent = false;
    try {
      const { decisions, corrections } = decide(candidates, await this.knowledge.of(candidates, memory));
      const block = await this.blockOf(records, decisions, corrections, arrival.receivedAt);
      isSent = true;
      await this.insert(block);
      arrival.end(false);
      return decisions;
    } catch (error) {
      arrival.end(isSent); // also of a try that was refused: one before it may yet be stored
      throw error;
    }
  }

  private async blockOf(
    records: readonly Prepared[],
    decisions: readonly Decision<AnyCandidate>[],
    corrections: readonly Correction<StoredLiveRow, AnyCandidate>[],
    receivedAt: Micros,
  ): Promise<RecordBlock> {
    const block = new RecordBlock(records.length + corrections.length, receivedAt);
    for (const record of records)
      if (isPreparedRejection(record)) block.addRejection(record.rejection, record.source, record.process);
    for (const [index, decision] of decisions.entries()) {
      if (index % TURN_ROWS === TURN_ROWS - 1) await new Promise(setImmediate);
      block.addDecision(decision);
    }
    corrections.forEach((correction) => block.addCorrection(correction));
    return block;
  }

  /** The same bytes under the same token: when the first try did arrive, the second stores nothing. */
  private async insert(block: RecordBlock): Promise<void> {
    const { columns, bytes } = block.encode();
    const token = createHash('sha256').update(bytes).digest('hex');
    for (const [index, wait] of WAITS.entries()) {
      await pause(wait);
      try {
        await this.store.insert(columns, bytes, token);
        return;
      } catch (error) {
        if (!outcomeUnknown(error) || index === WAITS.length - 1) throw error;
        this.log.warn(`insert of ${block.rows} rows: outcome unknown, repeated under its token`);
      }
    }
  }
}
