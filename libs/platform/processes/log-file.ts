import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * A child's log. The child writes to the file itself: it loses no line and meets no broken pipe when its parent is
 * killed. The price is that a file in use is shortened by copying it: a line written between copy and cut is lost.
 */
export class LogFile {
  /** @param maxBytes size above which the file is set aside as `<path>.1`, replacing an older one */
  constructor(
    readonly path: string,
    private readonly maxBytes: number,
  ) {
    mkdirSync(dirname(path), { recursive: true });
  }

  /** Opens the file for appending, a new one if it has grown too large. The caller closes the descriptor. */
  open(): number {
    if (this.size() > this.maxBytes) renameSync(this.path, `${this.path}.1`);
    return openSync(this.path, 'a');
  }

  /** Cuts a file in use that has grown too large. Writers append, so they go on at its new end. */
  limit(): void {
    if (this.size() <= this.maxBytes) return;
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path, 0);
  }

  /** The last `bytes` bytes, for an error message. */
  tail(bytes = 2000): string {
    if (!existsSync(this.path)) return '';
    const file = openSync(this.path, 'r');
    try {
      const { size } = fstatSync(file);
      const length = Math.min(bytes, size);
      const buffer = Buffer.alloc(length);
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, length, size - length));
    } finally {
      closeSync(file);
    }
  }

  private size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
