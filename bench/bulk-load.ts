import { parentPort, Worker, workerData } from 'node:worker_threads';
import { streamEvents, type Target } from './client';
import { EventSource } from './events';

interface Load extends Target {
  readonly run: string;
  /** Set to 1 to end it. */
  readonly stop: Int32Array;
}

/** A streamed body from a thread of its own, so that sending it does not delay what the caller measures. */
export class BulkLoad {
  private readonly stopped = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private readonly startedAt = performance.now();
  private readonly received: Promise<number>;

  constructor({ url, key }: Target, run: string) {
    this.worker = new Worker(__filename, { workerData: { url, key, run, stop: this.stopped } satisfies Load });
    this.received = new Promise<number>((resolve, reject) => {
      this.worker.once('message', resolve).once('error', reject);
    });
    this.received.catch(() => undefined); // thrown by stop
  }

  /** @returns events a second, from the start until the last was durable */
  async stop(): Promise<number> {
    Atomics.store(this.stopped, 0, 1);
    const received = await this.received;
    return received / ((performance.now() - this.startedAt) / 1000);
  }
}

if (parentPort) {
  const { run, stop, ...target } = workerData as Load;
  void streamEvents(target, new EventSource(run), () => Atomics.load(stop, 0) === 1).then(({ received, stored }) => {
    if (stored !== received) throw new Error(`${stored} of ${received} were stored`);
    parentPort!.postMessage(received);
  });
}
