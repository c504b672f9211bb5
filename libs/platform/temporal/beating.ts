import { Context } from '@temporalio/activity';
import { cancellationOfActivity } from './activity-calls';

const HEARTBEAT_MS = 10_000;

/**
 * Says that an activity lives while something else is at work for it: the engine, a store.
 * @param work tells how far it has come where it likes to; that throws once the activity is called off
 */
export async function beating<T>(
  work: (progress: (done?: number) => void, signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const beat = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
  const signal = cancellationOfActivity();
  try {
    return await work((done) => {
      Context.current().heartbeat(done);
      signal?.throwIfAborted();
    }, signal);
  } finally {
    clearInterval(beat);
  }
}
