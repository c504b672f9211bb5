import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineResult } from '../engine/binding';
import type { EngineConnection, EngineConnections } from '../engine/connections';
import { asException, exception } from '../engine/exception';
import { RunningQueries } from '../engine/running-queries';
import { Slots } from '../engine/slots';
import type { Spool } from '../spool/spool';
import type { CommandPlan, ReadPlan } from '../sql/statement';
import { Answer, type Summary } from './answer';
import { discardRest } from './body-reader';
import { ContentReader, type Content } from './content';
import { setStatements, targetOf } from './request';

/** KILL has slots of its own: it is needed most when all others are taken. */
const KILL_SLOTS = 2;
const NOTHING: Summary = { readRows: 0, readBytes: 0, writtenRows: 0, writtenBytes: 0 };

const summaryOfRead = (result: EngineResult): Summary => ({
  ...NOTHING,
  readRows: result.rowsRead,
  readBytes: result.bytesRead,
});
const summaryOfInsert = (result: EngineResult): Summary => ({
  readRows: result.rowsRead,
  readBytes: result.bytesRead,
  writtenRows: result.rowsRead,
  writtenBytes: result.bytesRead,
});

export interface HandlerLimits {
  readonly maxBodyBytes: number;
  readonly maxConcurrency: number;
}

/** What one request has got hold of by the time that it runs. */
interface Execution {
  readonly queryId: string;
  readonly connection: EngineConnection;
  readonly answer: Answer;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
}

/** Runs the statement of a request and answers with what it returns. */
export class QueryHandler {
  readonly #content: ContentReader;
  readonly #slots: Slots;
  readonly #killSlots = new Slots(KILL_SLOTS);

  constructor(
    private readonly connections: EngineConnections,
    private readonly running: RunningQueries,
    private readonly spool: Spool,
    private readonly timezone: string,
    limits: HandlerLimits,
  ) {
    this.#content = new ContentReader(spool, limits.maxBodyBytes);
    this.#slots = new Slots(limits.maxConcurrency);
  }

  /** Never rejects: what goes wrong is the answer. */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const queryId = targetOf(req).fields.get('query_id') || randomUUID();
    const answer = new Answer(req, res, queryId, this.timezone);
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort(exception('ABORTED', 'The client has gone.'));
    });
    try {
      const content = await this.#content.read(req);
      try {
        await this.#admit(content, queryId, answer, gone.signal);
      } finally {
        content.rows?.file.remove();
      }
    } catch (error) {
      discardRest(req);
      if (!res.destroyed) await answer.fail(asException(error, this.spool.root));
    }
  }

  async #admit(content: Content, queryId: string, answer: Answer, gone: AbortSignal): Promise<void> {
    const slots = content.plan.kind === 'kill' ? this.#killSlots : this.#slots;
    await slots.take(gone);
    try {
      const connection = await this.connections.take();
      try {
        await this.#execute(content, { queryId, connection, answer, gone });
      } finally {
        await this.connections.release(connection);
      }
    } finally {
      slots.give();
    }
  }

  async #execute({ options, plan, rows }: Content, execution: Execution): Promise<void> {
    const { connection, answer } = execution;
    answer.compress = options.compressAnswer;
    answer.format = plan.format;
    if (options.database !== undefined) await connection.use(options.database);
    for (const statement of setStatements(options.settings)) await connection.run(statement);
    if (plan.kind === 'insert') {
      if (!rows) throw exception('UNKNOWN_EXCEPTION', 'An INSERT without its rows.');
      const result = await this.#run(execution, plan.infile(rows.file.path, rows.compression), plan.format);
      await answer.end(summaryOfInsert(result));
    } else if (plan.kind !== 'read') await this.#command(plan, execution);
    else if (options.waitEndOfQuery) await this.#readWhole(plan, execution);
    else await this.#readThrough(plan, execution);
  }

  #run({ queryId, connection }: Execution, sql: string, format: string): Promise<EngineResult> {
    return this.running.run(queryId, sql, (tagged) => connection.run(tagged, format));
  }

  async #command(plan: CommandPlan, execution: Execution): Promise<void> {
    const text = plan.kind === 'kill' ? this.running.rewriteKill(plan.text) : plan.text;
    const result = await this.#run(execution, text, plan.format);
    if (result.bytes.length > 0) await execution.answer.write(result.bytes);
    await execution.answer.end(NOTHING);
  }

  /** Runs a read to its end before the first byte of the answer, as `wait_end_of_query` asks for. */
  async #readWhole(plan: ReadPlan, execution: Execution): Promise<void> {
    const file = this.spool.answerFile();
    try {
      const result = await this.#cancelling(execution, () =>
        this.#run(execution, plan.outfile(file.path), plan.format),
      );
      execution.answer.begin(summaryOfRead(result));
      for await (const piece of createReadStream(file.path, { highWaterMark: 256 * 1024 })) {
        if (execution.gone.aborted) return;
        await execution.answer.write(piece as Buffer);
      }
      if (result.bytes.length > 0) await execution.answer.write(result.bytes);
      await execution.answer.end(summaryOfRead(result));
    } finally {
      file.remove();
    }
  }

  /** Passes an answer on while the engine writes it: a slow client slows the engine down. */
  async #readThrough(plan: ReadPlan, execution: Execution): Promise<void> {
    const pipe = this.spool.pipes.open();
    // The pipe is read to its end even when the client has gone: an engine that opens it, or writes, waits for a reader, and
    // KILL does not reach it there.
    const passOn = async (): Promise<void> => {
      for await (const piece of pipe.stream) if (!execution.gone.aborted) await execution.answer.write(piece as Buffer);
    };
    try {
      const passed = passOn();
      passed.catch(() => undefined); // met below, after the engine is done
      const running = this.#cancelling(execution, () => this.#run(execution, plan.outfile(pipe.path), plan.format));
      const result = await running.finally(pipe.finish);
      await passed;
      if (execution.gone.aborted) return;
      // Some forms of EXPLAIN pay no heed to INTO OUTFILE.
      if (result.bytes.length > 0) await execution.answer.write(result.bytes);
      await execution.answer.end(summaryOfRead(result));
    } finally {
      pipe.release();
    }
  }

  /** Runs a read, and kills it when its client goes: nobody else wants its answer. */
  async #cancelling(execution: Execution, run: () => Promise<EngineResult>): Promise<EngineResult> {
    const cancel = (): void => void this.running.cancel(execution.queryId).catch(() => undefined);
    execution.gone.throwIfAborted();
    execution.gone.addEventListener('abort', cancel, { once: true });
    try {
      return await run();
    } finally {
      execution.gone.removeEventListener('abort', cancel);
    }
  }
}
