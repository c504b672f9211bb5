import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { DomainError } from '@holdfast/kernel';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { decide, type Decision } from '../core/decide';
import type { Rejection } from '../core/event';
import { TrackingStore } from '../tracking.store';
import type { AnyCandidate } from './candidate';
import { IntakeKnowledge } from './knowledge';
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
  readonly bytes: number;
  readonly settle: (committed: Committed) => void;
  readonly fail: (error: unknown) => void;
}

const MOST_ROWS = 10_000;
/** Tries of an insert whose outcome is unknown, and the wait before each, in milliseconds. */
const WAITS = [0, 100, 300, 1_000, 2_000, 3_000];

/**
 * Group commit: what arrives while one insert is under way makes the next. One batch at a time, so that each sees what the one before it stored.
 * Memory is bounded: records count from when they are read until they are stored; with more than the configured bytes on their way, intake answers 429.
 */
@Injectable()
export class IntakeCommitter implements OnApplicationShutdown {
  private readonly log = new Logger(IntakeCommitter.name);
  private readonly queue: Ticket[] = [];
  private readonly waiting: (() => void)[] = [];
  private running: Promise<void> | undefined;
  private held = 0;
  /** Bytes a second that were committed of late; what Retry-After is computed from. */
  private pace = 20_000_000;

  constructor(
    private readonly store: TrackingStore,
    private readonly knowledge: IntakeKnowledge,
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
    return new Promise((settle, fail) => {
      this.queue.push({ records, bytes, settle, fail });
      this.running ??= this.run();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    await new Promise(setImmediate); // requests that came in the same turn share an insert
    for (let tickets = this.take(); tickets.length > 0; tickets = this.take()) {
      const started = performance.now();
      const bytes = tickets.reduce((sum, ticket) => sum + ticket.bytes, 0);
      try {
        const decisions = await this.storeBatch(tickets.flatMap(({ records }) => records));
        for (const { records, settle } of tickets) {
          const rejections = records.filter(isPreparedRejection);
          settle({ decisions: decisions.splice(0, records.length - rejections.length), rejections });
        }
        this.pace += 0.2 * ((bytes / (performance.now() - started)) * 1000 - this.pace);
      } catch (error) {
        tickets.forEach((ticket) => ticket.fail(error));
      }
    }
    this.running = undefined;
  }

  private take(): Ticket[] {
    let rows = 0;
    const tickets: Ticket[] = [];
    while (this.queue.length > 0 && (tickets.length === 0 || rows + this.queue[0]!.records.length <= MOST_ROWS)) {
      const ticket = this.queue.shift()!;
      rows += ticket.records.length;
      tickets.push(ticket);
    }
    return tickets;
  }

  /** @returns a decision for each record that was read well, in their order */
  private async storeBatch(records: readonly Prepared[]): Promise<Decision<AnyCandidate>[]> {
    const candidates = records.filter((one): one is AnyCandidate => !isPreparedRejection(one));
    const knowledge = await this.knowledge.of(candidates);
    const { decisions, corrections } = decide(candidates, knowledge);
    const block = new RecordBlock(records.length + corrections.length, Date.now() * 1000);
    for (const record of records)
      if (isPreparedRejection(record)) block.addRejection(record.rejection, record.source, record.process);
    decisions.forEach((decision) => block.addDecision(decision));
    corrections.forEach((correction) => block.addCorrection(correction));
    this.knowledge.remember(candidates);
    await this.insert(block);
    return decisions;
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
        if (!ClickHouse.outcomeUnknown(error) || index === WAITS.length - 1) throw error;
        this.log.warn(`insert of ${block.rows} rows: outcome unknown, repeated under its token`);
      }
    }
  }
}
