import { createHash } from 'node:crypto';
import type { AlertEvent } from './event-validation';

/** Who did something, as Webhooks v3 refers to it. */
export interface Agent {
  readonly id: string;
  readonly type: string;
  readonly summary: string;
}

export interface LogEntry {
  readonly type: 'trigger' | 'notify' | 'acknowledge' | 'resolve';
  /** RFC 3339. */
  readonly at: string;
  readonly agent: Agent;
}

/** An alert and its incident: without alert grouping they are one to one. */
export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly serviceId: string;
  readonly title: string;
  readonly severity: string;
  readonly createdAt: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
  readonly log: LogEntry[];
}

/** A person was called. */
export interface Notification {
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly incidentId: string;
  readonly summary: string;
  readonly severity: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What a webhook tells of. The incident is as it was then. */
export interface Change {
  readonly type: 'incident.triggered' | 'incident.acknowledged' | 'incident.resolved';
  readonly at: string;
  readonly agent: Agent;
  readonly client: { readonly name: string } | null;
  readonly incident: Incident;
}

export interface BookState {
  readonly incidents: Incident[];
  readonly notifications: Notification[];
}

/** An accepted event: the dedup key is settled. */
export type AcceptedEvent = AlertEvent & { readonly dedupKey: string };

const RESPONDER: Agent = { id: 'PUSER01', type: 'user_reference', summary: 'Responder On Call' };

const openKey = (routingKey: string, dedupKey: string): string => JSON.stringify([routingKey, dedupKey]);

/** Derived, so that neither webhooks nor identifiers carry the routing key. */
const referenceOf = (kind: string, routingKey: string): string =>
  `P${createHash('sha256').update(`${kind}/${routingKey}`).digest('hex').slice(0, 6).toUpperCase()}`;

/** What PagerDuty knows: alerts by routing key and dedup key, and whom it called. */
export class IncidentBook {
  private readonly open = new Map<string, Incident>();

  constructor(private readonly state: BookState = { incidents: [], notifications: [] }) {
    for (const incident of state.incidents) {
      if (incident.status !== 'resolved') this.open.set(openKey(incident.routingKey, incident.dedupKey), incident);
    }
  }

  incidents(): readonly Incident[] {
    return structuredClone(this.state.incidents);
  }

  notifications(): readonly Notification[] {
    return structuredClone(this.state.notifications);
  }

  /** Applies an event of the Events API; returns the change that a webhook tells of, if there is one. */
  apply(event: AcceptedEvent, at: string): Change | undefined {
    const agent: Agent = {
      id: referenceOf('integration', event.routingKey),
      type: 'events_api_v2_inbound_integration_reference',
      summary: 'Events API v2',
    };
    const client = event.client === undefined ? null : { name: event.client };
    const incident = this.open.get(openKey(event.routingKey, event.dedupKey));
    if (event.action === 'trigger') {
      if (incident === undefined) return this.openIncident(event, at, agent, client);
      incident.log.push({ type: 'trigger', at, agent });
      return undefined;
    }
    // Unknown, already resolved, or sent with another routing key: dropped.
    if (incident === undefined) return undefined;
    const already = event.action === 'acknowledge' && incident.status === 'acknowledged';
    const change = this.change(incident, event.action, at, agent, client);
    return already ? undefined : change;
  }

  /** A person acts on the newest open incident of the dedup key; undefined when there is none. */
  actAsPerson(
    action: 'acknowledge' | 'resolve',
    at: string,
    dedupKey: string,
    routingKey?: string,
    agent: Agent = RESPONDER,
  ): Change | undefined {
    const incident = this.state.incidents.findLast(
      (candidate) =>
        candidate.status !== 'resolved' &&
        candidate.dedupKey === dedupKey &&
        (routingKey === undefined || candidate.routingKey === routingKey),
    );
    return incident && this.change(incident, action, at, agent, { name: 'PagerDuty' });
  }

  private openIncident(event: AcceptedEvent, at: string, agent: Agent, client: Change['client']): Change {
    const { routingKey, dedupKey, summary, severity } = event;
    const number = this.state.incidents.length + 1;
    const incident: Incident = {
      id: `Q${String(number).padStart(13, '0')}`,
      number,
      routingKey,
      dedupKey,
      serviceId: referenceOf('service', routingKey),
      title: summary,
      severity,
      createdAt: at,
      status: 'triggered',
      log: [
        { type: 'trigger', at, agent },
        { type: 'notify', at, agent: RESPONDER },
      ],
    };
    this.state.incidents.push(incident);
    this.state.notifications.push({ routingKey, dedupKey, incidentId: incident.id, summary, severity, at });
    this.open.set(openKey(routingKey, dedupKey), incident);
    return { type: 'incident.triggered', at, agent, client, incident: structuredClone(incident) };
  }

  private change(
    incident: Incident,
    action: 'acknowledge' | 'resolve',
    at: string,
    agent: Agent,
    client: Change['client'],
  ): Change {
    incident.log.push({ type: action, at, agent });
    incident.status = action === 'acknowledge' ? 'acknowledged' : 'resolved';
    if (action === 'resolve') this.open.delete(openKey(incident.routingKey, incident.dedupKey));
    const type = action === 'acknowledge' ? 'incident.acknowledged' : 'incident.resolved';
    return { type, at, agent, client, incident: structuredClone(incident) };
  }
}
