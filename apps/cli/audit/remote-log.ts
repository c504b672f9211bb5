import { setTimeout as pause } from 'node:timers/promises';
import { bundlePath, tilePath, TILE_WIDTH, widthIn } from '@holdfast/platform/transparency/tiles';
import { ProblemError, type ApiClient } from '../api-client';

const LOG = '/v1/audit/log';
/** Rows of one request. */
const ROWS = 10_000;
const BEYOND = Number.MAX_SAFE_INTEGER;
/** How long rows may wait for their commit, in ms. */
const COMMIT_MS = 5_000;

export interface LogState {
  readonly origin: string;
  readonly size: number;
  readonly keys: readonly string[];
  readonly witnessed: readonly { readonly witness: string; readonly size: number; readonly note: string }[];
}

/** The audit log of a running installation, by its API. */
export class RemoteLog {
  constructor(private readonly client: ApiClient) {}

  state(): Promise<LogState> {
    return this.client.get(LOG);
  }

  checkpoint(): Promise<string> {
    return this.client.get(`${LOG}/checkpoint`);
  }

  /** A tile or bundle; undefined where there is none. */
  async file(path: string): Promise<Buffer | undefined> {
    try {
      return await this.client.get<Buffer>(`${LOG}/${path}`);
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 404) return undefined;
      throw error;
    }
  }

  /** Lines of the rows of [0, size), and of those beyond where they are asked for. */
  async *rows(size: number, beyond = false): AsyncGenerator<Buffer> {
    for (let from = 0; from < size; from += ROWS) yield await this.range(from, Math.min(size, from + ROWS));
    if (beyond) yield await this.range(size, BEYOND);
  }

  /** The checkpoint of the log when it has come to this size; the newest when it does not within five seconds. */
  async checkpointAt(size: number): Promise<string> {
    for (const until = Date.now() + COMMIT_MS; ;) {
      const note = await this.checkpoint();
      if (sizeOf(note) >= size || Date.now() > until) return note;
      await pause(100);
    }
  }

  private async range(from: number, to: number): Promise<Buffer> {
    return Buffer.from(await this.client.get<string>('/v1/audit/rows', { from, to }));
  }
}

export const sizeOf = (checkpoint: string): number => Number(checkpoint.split('\n', 2)[1]);

/** Every tile and bundle of a log of this size. */
export function* pathsOf(size: number): Generator<string> {
  for (let level = 0; size / TILE_WIDTH ** level >= 1; level++)
    for (let index = 0; ; index++) {
      const width = widthIn(size, level, index);
      if (width === 0) break;
      yield tilePath({ level, index, width });
      if (level === 0) yield bundlePath(index, width);
      if (width < TILE_WIDTH) break;
    }
}
