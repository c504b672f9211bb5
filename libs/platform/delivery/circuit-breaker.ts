import { DeliveryError } from './delivery-error';

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open first, in milliseconds; twice as long after each trial that fails. */
  readonly openMs: number;
  /** How long at most. */
  readonly longestMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Thrown instead of a call while a circuit is open. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  /** @param waitMs until it may be tried again, in milliseconds */
  constructor(readonly waitMs: number) {
    super('the circuit is open');
  }
}

interface Circuit {
  /** In a row. */
  failures: number;
  /** How long it was opened for last; 0 while it is closed. */
  openMs: number;
  openUntil: number;
  isTrying: boolean;
}

/**
 * A circuit breaker per key: after some failures in a row nobody calls for a while; then one call is the trial that closes it or opens it for twice as long.
 * Only `unreachable` and `failing` count as failures: who refuses or slows us down is there. Source: M. Nygard, "Release It!", 2007, chapter 5.2.
 */
export class CircuitBreaker {
  private readonly circuits = new Map<string, Circuit>();

  constructor(private readonly options: CircuitBreakerOptions) {}

  /** @throws CircuitOpenError without calling while the circuit is open or its trial is under way; what the call throws */
  async run<T>(key: string, call: () => Promise<T>): Promise<T> {
    const circuit = this.circuitOf(key);
    const isTrial = circuit.openMs > 0;
    if (isTrial) {
      const waitMs = circuit.openUntil - this.options.now();
      if (waitMs > 0 || circuit.isTrying) throw new CircuitOpenError(Math.max(waitMs, 1_000));
      circuit.isTrying = true;
    }
    try {
      const value = await call();
      this.circuits.delete(key);
      return value;
    } catch (error) {
      if (error instanceof DeliveryError && (error.kind === 'unreachable' || error.kind === 'failing'))
        this.fail(circuit, isTrial);
      else if (error instanceof DeliveryError && error.details.status !== undefined) this.circuits.delete(key);
      throw error;
    } finally {
      if (isTrial) circuit.isTrying = false;
    }
  }

  private fail(circuit: Circuit, isTrial: boolean): void {
    const { failures, openMs, longestMs, now } = this.options;
    circuit.failures += 1;
    // Calls that were under way when it opened do not open it for longer.
    if (!isTrial && (circuit.openMs > 0 || circuit.failures < failures)) return;
    circuit.openMs = Math.min(longestMs, circuit.openMs === 0 ? openMs : circuit.openMs * 2);
    circuit.openUntil = now() + circuit.openMs;
  }

  /** Closed circuits without failures are not kept. */
  private circuitOf(key: string): Circuit {
    const found = this.circuits.get(key) ?? { failures: 0, openMs: 0, openUntil: 0, isTrying: false };
    this.circuits.set(key, found);
    return found;
  }
}
