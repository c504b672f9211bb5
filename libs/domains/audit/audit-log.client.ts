import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError, type ErrorDetails, type ErrorKind } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { NewEntry } from './core/entry';

/** How long an entry is sent again while the log does not answer, in ms: it may just be starting. */
const PATIENCE_MS = 5_000;
const CALL_MS = 35_000;
/** Entries of one call, and calls at once: what comes meanwhile goes with the next. */
const MOST_IN_CALL = 1_000;
const MOST_CALLS = 2;

interface Waiting {
  readonly sent: { readonly entry: NewEntry; readonly mayBeOld: boolean };
  readonly until: number;
  readonly done: (sequence: number) => void;
  readonly failed: (error: unknown) => void;
}

interface Reply {
  readonly status: number;
  readonly bytes: Buffer;
}

/** The program that owns the audit log, as API and worker reach it: HOLDFAST_AUDIT_LOG_URL. */
@Injectable()
export class AuditLogClient implements OnApplicationShutdown {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  private readonly waiting: Waiting[] = [];
  private calls = 0;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  onApplicationShutdown(): void {
    this.agent.destroy();
  }

  /**
   * Appends an entry; durable when it returns. Sent again under its id while the log does not answer, which makes it no second one.
   * @param mayBeOld whether an entry of this id may have been appended long ago
   * @returns its sequence
   * @throws DomainError `unavailable` audit_unavailable
   */
  append(entry: NewEntry, mayBeOld: boolean): Promise<number> {
    return new Promise((done, failed) => {
      this.waiting.push({ sent: { entry, mayBeOld }, until: performance.now() + PATIENCE_MS, done, failed });
      if (this.calls < MOST_CALLS) void this.work();
    });
  }

  /** @throws DomainError as the log answered it; `unavailable` audit_unavailable */
  async post<T>(path: string, body: object): Promise<T> {
    return parsed<T>(await this.call('POST', path, Buffer.from(JSON.stringify(body))));
  }

  /** @throws DomainError as the log answered it; `unavailable` audit_unavailable */
  async get<T>(path: string): Promise<T> {
    return parsed<T>(await this.call('GET', path));
  }

  /** @throws DomainError as the log answered it; `unavailable` audit_unavailable */
  file(path: string): Promise<Buffer> {
    return this.call('GET', path);
  }

  private async work(): Promise<void> {
    this.calls += 1;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MOST_IN_CALL);
      try {
        const { sequences } = await this.post<{ sequences: number[] }>('/entries', {
          entries: batch.map(({ sent }) => sent),
        });
        for (const [i, { done }] of batch.entries()) done(sequences[i]!);
      } catch (error) {
        await this.again(batch, error);
      }
    }
    this.calls -= 1;
  }

  /** What the log refuses in a batch of several is told one by one: a wrong entry does not take others with it. */
  private async again(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (!(error instanceof DomainError) || error.kind !== 'unavailable') {
      if (batch.length === 1) batch[0]!.failed(error);
      else for (const one of batch) await this.alone(one);
      return;
    }
    const now = performance.now();
    const left = batch.filter(({ until, failed }) => {
      if (until > now) return true;
      failed(error);
      return false;
    });
    this.waiting.unshift(...left);
    if (left.length > 0) await pause(50);
  }

  private async alone({ sent, done, failed }: Waiting): Promise<void> {
    await this.post<{ sequences: number[] }>('/entries', { entries: [sent] }).then(
      ({ sequences }) => done(sequences[0]!),
      failed,
    );
  }

  private async call(method: 'GET' | 'POST', path: string, body?: Buffer): Promise<Buffer> {
    const { HOLDFAST_AUDIT_LOG_URL: url, HOLDFAST_AUDIT_LOG_SECRET: secret } = this.configuration;
    if (url === undefined || secret === '') throw unavailable('HOLDFAST_AUDIT_LOG_URL and its secret are not set');
    const reply = await this.send(new URL(path, url), method, secret, body).catch(() => {
      throw unavailable('the audit log does not answer');
    });
    if (reply.status === 200) return reply.bytes;
    throw refusalOf(reply.bytes);
  }

  private send(url: URL, method: string, secret: string, body?: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${secret}`,
        ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
      };
      const call = request(url, { method, agent: this.agent, headers, timeout: CALL_MS }, (answer) => {
        const chunks: Buffer[] = [];
        answer
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', reject)
          .on('end', () => resolve({ status: answer.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
      });
      call.on('timeout', () => call.destroy(new Error('no answer'))).on('error', reject);
      call.end(body);
    });
  }
}

const parsed = <T>(bytes: Buffer): T => JSON.parse(bytes.toString()) as T;

function refusalOf(bytes: Buffer): DomainError {
  try {
    const said = JSON.parse(bytes.toString()) as {
      kind: ErrorKind;
      code: string;
      detail: string;
      details: ErrorDetails;
    };
    // A secret that differs is a mistake of ours, not of who calls the API.
    if (said.kind === 'unauthenticated') return unavailable(said.detail);
    return new DomainError(said.kind, said.code, said.detail, said.details);
  } catch {
    return unavailable('what answers at HOLDFAST_AUDIT_LOG_URL is no audit log');
  }
}

const unavailable = (why: string): DomainError =>
  new DomainError('unavailable', 'audit_unavailable', `nothing is done that cannot be recorded: ${why}`, {
    retryAfterSeconds: 2,
  });
