import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseInstant } from '@holdfast/kernel';
import { z } from 'zod';

const INCIDENT_EVENT_TYPES = [
  'incident.triggered',
  'incident.acknowledged',
  'incident.unacknowledged',
  'incident.resolved',
  'incident.reopened',
  'incident.escalated',
  'incident.delegated',
  'incident.reassigned',
  'incident.priority_updated',
] as const;

/** Event types about an incident as a whole; `other` is one that PagerDuty has added since. */
export type IncidentEventType = (typeof INCIDENT_EVENT_TYPES)[number] | 'other';

/** Who or what brought the event about: a user, a service, an integration. */
export interface WebhookAgent {
  readonly id: string;
  readonly type: string;
  /** A name; of a person, so not for logs. */
  readonly summary?: string;
}

/** An event of Webhooks v3 about an incident. */
export interface WebhookEvent {
  /** Unique to the event, the same in repeated deliveries. */
  readonly id: string;
  readonly eventType: IncidentEventType;
  /** RFC 3339, as PagerDuty wrote it. Deliveries can come late and out of order: compare this. */
  readonly occurredAt: string;
  readonly incidentId: string;
  /** The dedup key of the alert that opened the incident. */
  readonly incidentKey: string;
  readonly agent?: WebhookAgent;
}

const SIGNATURE = /^v1=([0-9a-f]{64})$/i;

/**
 * Whether one of the secrets signed these bytes. The header lists `v1=` signatures, several while a secret is being replaced; other
 * versions are skipped. Takes as long whichever secret matches.
 * @param rawBody the bytes as received: parsing and writing them again breaks the signature
 */
export function verifyWebhookSignature(
  rawBody: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  const claimed = (header ?? '').split(',').flatMap((part) => {
    const hex = SIGNATURE.exec(part.trim())?.[1];
    return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
  });
  let genuine = false;
  for (const secret of secrets) {
    // Anyone can sign with an empty secret: a setting left blank must not open the door.
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    for (const signature of claimed) genuine = timingSafeEqual(expected, signature) || genuine;
  }
  return genuine;
}

const name = z.string().min(1).max(255);
// The schema is PagerDuty's, which adds members at will: what is not needed is not looked at.
const envelope = z.object({
  event: z.object({
    id: name,
    event_type: z.string().max(255).startsWith('incident.'),
    occurred_at: z.string().refine((text) => parseInstant(text) !== undefined),
    // An acknowledgement counts even when its agent is told in a form unknown here.
    agent: z
      .object({ id: name, type: name, summary: z.string().nullish().catch(undefined) })
      .nullish()
      .catch(undefined),
    data: z.object({ id: name, type: z.literal('incident'), incident_key: name }),
  }),
});

/**
 * Reads a delivery: its raw body, its text, or the value parsed from it. Verify the signature first.
 * @returns 'unsupported' for anything that is not about an incident with a key: pings, notes, services, garbage; answer 2xx to these
 */
export function parseWebhook(body: unknown): WebhookEvent | 'unsupported' {
  const parsed = envelope.safeParse(Buffer.isBuffer(body) || typeof body === 'string' ? fromJson(body) : body);
  if (!parsed.success) return 'unsupported';
  const { id, event_type, occurred_at, agent, data } = parsed.data.event;
  return {
    id,
    eventType: INCIDENT_EVENT_TYPES.find((known) => known === event_type) ?? 'other',
    occurredAt: occurred_at,
    incidentId: data.id,
    incidentKey: data.incident_key,
    ...(agent ? { agent: agentOf(agent) } : {}),
  };
}

function agentOf({ id, type, summary }: { id: string; type: string; summary?: string | null | undefined }) {
  return { id, type, ...(typeof summary === 'string' ? { summary } : {}) };
}

function fromJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
