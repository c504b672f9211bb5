import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** A named pipe, opened for one answer: the engine writes it as a file, and waits when nobody reads. */
export interface AnswerPipe {
  readonly path: string;
  readonly stream: Socket;
  /** To be called when the engine is done: the stream ends once it is read empty. */
  finish(): void;
  /** Gives the pipe back. Only when the engine is done, or it would write into the next answer. */
  release(): void;
}

/** The named pipes of the spool. There is one for every query that may run at once. */
export class PipePool {
  readonly #free: string[];

  constructor(paths: readonly string[]) {
    this.#free = [...paths];
  }

  open(): AnswerPipe {
    const path = this.#free.pop();
    if (path === undefined) throw new Error('more answers at once than slots');
    // Reading first: a pipe without a reader cannot be opened for writing without waiting. The writing end held here keeps the
    // reader from seeing an end before the engine has opened the pipe.
    const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    let writing: number | undefined = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const stream = new Socket({ fd: reading, readable: true, writable: false });
    const finish = (): void => {
      if (writing !== undefined) closeSync(writing);
      writing = undefined;
    };
    const release = (): void => {
      finish();
      // What is left unread goes with the last descriptor, so the next answer starts with an empty pipe.
      const giveBack = (): void => void this.#free.push(path);
      if (stream.closed) giveBack();
      else stream.once('close', giveBack).destroy();
    };
    stream.on('error', () => undefined);
    return { path, stream, finish, release };
  }
}
