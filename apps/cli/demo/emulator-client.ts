import { CliError, EXIT } from '../exit';

/** What the emulator of PagerDuty tells of itself, as far as the demo looks. */
export interface EmulatorState {
  readonly incidents: readonly Incident[];
  /** People who were called. */
  readonly notifications: readonly { readonly routingKey: string; readonly dedupKey: string; readonly at: string }[];
}
export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly log: readonly { readonly type: string; readonly at: string }[];
}

/** The emulator's own interface: what people would do and see in PagerDuty. */
export class EmulatorClient {
  constructor(private readonly url: string) {}

  state(): Promise<EmulatorState> {
    return this.call('GET', 'state');
  }

  /** A person acknowledges the incident on a phone. */
  async acknowledge({ dedupKey, routingKey }: { dedupKey: string; routingKey: string }): Promise<void> {
    await this.call('POST', 'acknowledge', { dedup_key: dedupKey, routing_key: routingKey });
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/emulator/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok)
      throw new CliError(`the PagerDuty emulator answers ${response.status} to ${path}`, EXIT.unavailable);
    return (await response.json()) as T;
  }
}
