import { SingleBar } from 'cli-progress';

/** Tells how far something long is. */
export interface Progress {
  /** @param done what is done of the total, or so far when there is none */
  update(done: number, note?: string): void;
  stop(): void;
}

const PLAIN_EVERY_MS = 5_000;

/**
 * Progress on standard error: a bar in a terminal, else a plain line every five seconds.
 * @param title what is done, such as `sending events`
 * @param total undefined when it is not known
 */
export function startProgress(
  title: string,
  total: number | undefined,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  return stream.isTTY ? bar(title, total, stream) : plainLines(title, total, stream);
}

function bar(title: string, total: number | undefined, stream: NodeJS.WriteStream): Progress {
  const format = total === undefined ? `${title}  {value}  {note}` : `${title}  [{bar}] {percentage}%  {note}`;
  const shown = new SingleBar({ format, stream, barsize: 30, hideCursor: true, clearOnComplete: true, fps: 8 });
  shown.start(total ?? 0, 0, { note: '' });
  return {
    update: (done, note = '') => shown.update(done, { note }),
    stop: () => shown.stop(),
  };
}

function plainLines(title: string, total: number | undefined, stream: NodeJS.WritableStream): Progress {
  let saidAt = performance.now();
  return {
    update(done, note = '') {
      if (performance.now() - saidAt < PLAIN_EVERY_MS) return;
      saidAt = performance.now();
      const share = total === undefined ? String(done) : `${Math.floor((100 * done) / Math.max(total, 1))}%`;
      stream.write(`${title}: ${share}${note === '' ? '' : `, ${note}`}\n`);
    },
    stop: () => undefined,
  };
}
