/** What a supervised child says on its channel to its parent when it can be used. */
export interface ReadyMessage {
  readonly ready: true;
  /** Where it listens, if it does. */
  readonly port?: number;
}

/** For a node child: tells the supervisor that it can be used. Does nothing in a process without a supervisor. */
export function announceReady(port?: number): void {
  const message: ReadyMessage = port === undefined ? { ready: true } : { ready: true, port };
  process.send?.(message);
}

/**
 * For a node child: calls `stop` once when the supervisor has gone, however it ended. Without this a child outlives a
 * killed supervisor. Does nothing in a process that was started without one.
 */
export function whenParentGone(stop: () => void): void {
  if (!process.send) return;
  if (process.connected) process.once('disconnect', stop);
  else setImmediate(stop);
}
