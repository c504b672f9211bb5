import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, parseInstant, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { call, DeliveryError } from '@holdfast/platform/delivery';
import { z } from 'zod';
import type { CallFault, Look, Sighting } from './core/probe';
import { PROBE_SOURCE, probeEvent, probeKeyOf, type SyntheticDefinition } from './core/synthetic';

const TIMEOUT_MS = 10_000;
const Receipt = z.object({ stored: z.int(), duplicate: z.int() });
const Timeline = z.object({
  items: z.array(
    z.object({
      stage: z.string(),
      source: z.string(),
      outcome: z.string(),
      receivedAt: z.string(),
      synthetic: z.boolean(),
    }),
  ),
});

/** Calls the API over HTTP as its clients do. */
@Injectable()
export class Prober {
  private readonly address: string | undefined;
  private readonly key: string;

  constructor(
    @Inject(CONFIGURATION)
    { HOLDFAST_PROBE_URL, HOLDFAST_PUBLIC_URL, HOLDFAST_PROBE_KEY }: Configuration,
  ) {
    this.address = (HOLDFAST_PROBE_URL ?? HOLDFAST_PUBLIC_URL)?.replace(/\/+$/, '');
    this.key = HOLDFAST_PROBE_KEY;
  }

  get canProbe(): boolean {
    return this.address !== undefined && this.key !== '';
  }

  /** Tells intake of the probe at a stage; again changes nothing. @returns '' when it was taken */
  async send(synthetic: string, definition: SyntheticDefinition, stage: string, at: Micros): Promise<CallFault> {
    const event = probeEvent(synthetic, definition, stage, formatInstant(at), probeKeyOf(synthetic, at));
    const answered = await this.ask('/v1/events', event);
    if (typeof answered === 'string') return answered;
    const receipt = Receipt.safeParse(answered.body).data;
    return receipt && receipt.stored + receipt.duplicate > 0 ? '' : 'refused';
  }

  /** What can be read of the probe. */
  async look(synthetic: string, { process, send }: SyntheticDefinition, at: Micros): Promise<Look> {
    const query = new URLSearchParams({ process, key: probeKeyOf(synthetic, at), limit: '100' });
    const answered = await this.ask(`/v1/events?${query.toString()}`);
    if (typeof answered === 'string') return { fault: answered, seen: [] };
    const found = Timeline.safeParse(answered.body).data;
    if (!found) return { fault: 'failing', seen: [] };
    const first = new Map<string, Sighting>();
    for (const { stage, source, outcome, receivedAt, synthetic: marked } of found.items) {
      if (outcome !== 'stored' || (send.includes(stage) && source !== PROBE_SOURCE)) continue;
      const sighting = { stage, receivedAt: parseInstant(receivedAt) ?? 0, marked };
      const known = first.get(stage);
      if (!known || sighting.receivedAt < known.receivedAt) first.set(stage, sighting);
    }
    return { fault: '', seen: [...first.values()] };
  }

  /** Whether the API says that it can do its work; yes where nobody said where it is. */
  async isReady(): Promise<boolean> {
    return this.address === undefined || typeof (await this.ask('/readyz')) !== 'string';
  }

  private async ask(path: string, body?: object): Promise<{ readonly body: unknown } | CallFault> {
    if (this.address === undefined || (this.key === '' && path !== '/readyz')) return 'no_key';
    try {
      return await call({
        url: `${this.address}${path}`,
        method: body === undefined ? 'GET' : 'POST',
        ...(path !== '/readyz' && { headers: { authorization: `Bearer ${this.key}` } }),
        body,
        timeoutMs: TIMEOUT_MS,
      });
    } catch (error) {
      if (error instanceof DeliveryError) return error.kind;
      throw error;
    }
  }
}
