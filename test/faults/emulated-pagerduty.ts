import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '@holdfast/platform/processes';
import type { Agent, Incident, Notification } from '@holdfast/platform/pagerduty-emulator/incident-book';
import type { WebhookDelivery } from '@holdfast/platform/pagerduty-emulator/webhook-sender';
import { emulatorProgram } from '../../apps/standalone/programs';
import type { Stack } from '../../apps/standalone/stack';

export interface EmulatorState {
  readonly incidents: readonly Incident[];
  /** People who were called. */
  readonly notifications: readonly Notification[];
  readonly deliveries: readonly WebhookDelivery[];
}

/** PagerDuty as a process of its own, which nobody kills. */
export class EmulatedPagerDuty {
  private constructor(
    private readonly port: number,
    private readonly secret: string,
    private readonly routingKeys: ReadonlyMap<string, string>,
  ) {}

  /** @param levels names of routing keys, one a level */
  static async plan(levels: readonly string[]): Promise<EmulatedPagerDuty> {
    const keys = new Map(levels.map((name) => [name, randomBytes(16).toString('hex')]));
    return new EmulatedPagerDuty(await freePort(), randomBytes(24).toString('base64url'), keys);
  }

  /** For API and worker. */
  get env(): Record<string, string> {
    return {
      HOLDFAST_PAGERDUTY_URL: this.url,
      HOLDFAST_PAGERDUTY_ROUTING_KEYS: [...this.routingKeys].map(([name, key]) => `${name}=${key}`).join(','),
      HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: this.secret,
    };
  }

  async start({ supervisor, dataDir, url }: Stack): Promise<void> {
    const webhook = { url: `${url}/v1/webhooks/pagerduty`, secret: this.secret };
    await supervisor.start(emulatorProgram(this.port, join(dataDir, 'pagerduty.json'), webhook));
  }

  state(): Promise<EmulatorState> {
    return this.call<EmulatorState>('GET', 'state');
  }

  /** A person acknowledges the incident on a phone. */
  async acknowledge(dedupKey: string, agent?: Agent): Promise<void> {
    await this.call('POST', 'acknowledge', { dedup_key: dedupKey, ...(agent && { agent }) });
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/emulator/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`the emulator answers ${response.status} to ${path}`);
    return (await response.json()) as T;
  }
}
