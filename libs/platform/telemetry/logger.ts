import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import { context } from './context';
import { traceIdOf } from './trace';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Nest's logger as JSON lines on standard output, each with the ids of the call that it belongs to. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(app: string, level: string) {
    this.pino = pino({
      level,
      base: { app },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.authorization', '*.password', '*.secret', '*.routing_key'],
      mixin: () => {
        const { traceparent, ...ids } = context();
        const traceId = traceIdOf(traceparent);
        return { ...ids, ...(traceId && { traceId }) };
      },
    });
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the logger's name last. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const name = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const fields = {
      ...(name && { logger: name }),
      ...(message instanceof Error ? describe(message) : typeof message === 'object' ? message : {}),
    };
    this.pino[level](fields, typeof message === 'string' ? message : undefined);
  }
}

/**
 * An error by its class, code and own frames. Not its message: engines and parsers quote data in theirs, and logs hold nothing raw of a person.
 */
function describe(error: Error): Record<string, unknown> {
  const code = (error as Error & { code?: unknown }).code;
  const kind = (error as Error & { type?: unknown }).type;
  return {
    error: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(error.cause instanceof Error && { cause: describe(error.cause) }),
  };
}
