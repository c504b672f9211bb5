import { ProblemError, type ApiClient } from '../../apps/cli/api-client';
import { CliError, EXIT } from '../../apps/cli/exit';
import type { Alert, AlertRow } from '../../apps/cli/views';
import { Client, Connection } from '@temporalio/client';
import { eventually, type Stage } from './stage';

/** An alert as another system posts it: `name` is its summary, too. */
export interface Posted {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}
type Labelled = AlertRow & { readonly labels: Readonly<Record<string, string>>; readonly group?: string };

/** Every alert of the faults began then: with its labels that is its identity. */
const STARTS_AT = new Date().toISOString();

/** Posts alerts as Alertmanager would, until they are taken. */
export function post(api: ApiClient, policy: string, alerts: readonly Posted[], isOver = false): Promise<unknown> {
  const body = alerts.map(({ name, labels }) => ({
    labels: { alertname: name, ...labels },
    annotations: { summary: name },
    startsAt: STARTS_AT,
    ...(isOver && { endsAt: new Date(Date.now() - 60_000).toISOString() }),
  }));
  return api.post(`/v1/alertmanager/${policy}/api/v2/alerts`, body);
}

/** The alert of that name. */
export const named = (api: ApiClient, name: string): Promise<Labelled> =>
  eventually(`the alert ${name}`, async () => {
    for await (const one of api.items<Labelled>('/v1/alerts')) if (one.labels['alertname'] === name) return one;
    return undefined;
  });

export const alertOf = (api: ApiClient, id: string): Promise<Alert> => api.get<Alert>(`/v1/alerts/${id}`);

/** Waits until an alert is so. */
export const until = (api: ApiClient, id: string, what: string, holds: (alert: Alert) => boolean): Promise<Alert> =>
  eventually(`${id} is ${what}`, async () => {
    const found = await api.find<Alert>(`/v1/alerts/${id}`);
    return found && holds(found.body) ? found.body : undefined;
  });

/**
 * Does what a responder does until it is seen to be done. A call whose answer got lost is made again only when nothing is seen of it; it may have been carried out
 * twice then.
 */
export function respond(
  { client }: Stage,
  id: string,
  action: string,
  body: () => object | undefined,
  isDone: (alert: Alert) => boolean,
): Promise<Alert> {
  const once = client(undefined, 0);
  const isTooLate = (error: unknown): boolean => error instanceof ProblemError && error.problem.status === 409;
  const isAway = (error: unknown): boolean => error instanceof CliError && error.exit === EXIT.unavailable;
  return eventually(`${action} of ${id}`, async () => {
    try {
      const found = await once.get<Alert>(`/v1/alerts/${id}`);
      if (isDone(found)) return found;
      await once.post(`/v1/alerts/${id}/${action}`, body());
    } catch (error) {
      if (!isTooLate(error) && !isAway(error)) throw error;
    }
    return undefined;
  });
}

/** Waits until no escalation of these alerts is running any more, nor of their groups. */
export async function nothingRuns({ stack }: Stage, ids: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    const temporal = new Client({ connection });
    await eventually(`no escalation runs of ${ids.join(', ')}`, async () => {
      const query = "WorkflowType = 'escalateAlert' AND ExecutionStatus = 'Running'";
      for await (const { workflowId } of temporal.workflow.list({ query }))
        if (ids.some((id) => workflowId.startsWith(`alert/${id}`))) return undefined;
      return true;
    });
  } finally {
    await connection.close();
  }
}
