import type { Account } from '../account';
import type { ApiClient } from '../api-client';
import { count } from '../output';
import { startProgress } from '../progress';
import { sendChunks, type Chunk } from '../send-lines';
import type { Batch } from './generator/batches';

export interface Sent {
  readonly answered: Account;
  readonly ms: number;
}

/** Sends batches and adds up the answers. @param onSent hears the records sent so far */
export async function sendBatches(
  client: ApiClient,
  title: string,
  batches: Iterable<Batch>,
  total: number,
  onSent: (records: number) => void = () => undefined,
): Promise<Sent> {
  const startedAt = performance.now();
  const progress = startProgress(`   ${title}`, total);
  try {
    const answered = await sendChunks(client, chunks(batches), ({ received }) => {
      const rate = received / ((performance.now() - startedAt) / 1000);
      progress.update(received, `${count(received)} records, ${count(Math.round(rate))} a second`);
      onSent(received);
    });
    return { answered, ms: performance.now() - startedAt };
  } finally {
    progress.stop();
  }
}

async function* chunks(batches: Iterable<Batch>): AsyncGenerator<Chunk> {
  let before = 0;
  for (const { lines, ndjson } of batches) {
    yield { before, records: lines, bytes: ndjson };
    before += lines;
    await new Promise(setImmediate); // making a batch takes a while: answers that have come are heard first
  }
}
