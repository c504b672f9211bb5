const WINDOW_MS = 60_000;

/** Counts calls per routing key over the 60 seconds that lie behind each call, as PagerDuty documents it. */
export class CallLimit {
  private readonly calls = new Map<string, number[]>();

  constructor(
    private readonly callsPerMinute: number,
    private readonly now: () => number,
  ) {}

  /** Counts the call. Returns undefined when it may pass, else the whole seconds until one will; a call refused is not counted. */
  refuse(routingKey: string): number | undefined {
    const now = this.now();
    const recent = (this.calls.get(routingKey) ?? []).filter((at) => at > now - WINDOW_MS);
    this.calls.set(routingKey, recent);
    if (recent.length < this.callsPerMinute) {
      recent.push(now);
      return undefined;
    }
    const oldest = recent[0] ?? now;
    return Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1000));
  }
}
