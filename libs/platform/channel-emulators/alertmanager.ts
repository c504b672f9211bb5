import { z } from 'zod';
import { startVendorServer, type VendorServer } from './vendor-server';

/** An alert as Alertmanager keeps it. */
export interface EmulatedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Alertmanager: POST /api/v2/alerts. */
export interface AlertmanagerEmulator extends VendorServer {
  alerts(): readonly EmulatedAlert[];
  firing(now?: number): readonly EmulatedAlert[];
}

const Labels = z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string());
const Posted = z.array(
  z.object({
    labels: Labels.refine((labels) => Object.values(labels).some((value) => value !== '')),
    annotations: Labels.default({}),
    startsAt: z.iso.datetime({ offset: true }).optional(),
    endsAt: z.iso.datetime({ offset: true }).optional(),
    generatorURL: z.union([z.literal(''), z.url()]).optional(),
  }),
);
/** resolve_timeout's default. */
const RESOLVE_TIMEOUT_MS = 300_000;

/** Starts Alertmanager on loopback. @param logins `user:password` that it takes; none: it asks for none */
export async function startAlertmanager(logins: readonly string[] = []): Promise<AlertmanagerEmulator> {
  const alerts = new Map<string, EmulatedAlert>();
  const authorised = logins.map((login) => `Basic ${Buffer.from(login).toString('base64')}`);
  const server = await startVendorServer(({ method, path, headers, json }) => {
    if (authorised.length > 0 && !authorised.includes(headers['authorization'] ?? '')) return { status: 401 };
    if (method !== 'POST' || !path.endsWith('/api/v2/alerts')) return { status: 404 };
    const posted = Posted.safeParse(json);
    if (!posted.success) return { status: 400, body: '"invalid alerts"' };
    const now = Date.now();
    for (const { labels, annotations, startsAt, endsAt } of posted.data) {
      const name = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      const ends = endsAt === undefined ? now + RESOLVE_TIMEOUT_MS : Date.parse(endsAt);
      // Where no beginning is told, it is now, or the end where that is over.
      const starts = startsAt === undefined ? Math.min(now, ends) : Date.parse(startsAt);
      if (starts > ends) return { status: 400, body: '"start time must be before end time"' };
      const before = alerts.get(name);
      const since = before && before.endsAt > starts ? Math.min(before.startsAt, starts) : starts;
      alerts.set(name, { labels, annotations, startsAt: since, endsAt: ends });
    }
    return { status: 200, body: '' };
  });
  return {
    ...server,
    alerts: () => [...alerts.values()],
    firing: (now = Date.now()) => [...alerts.values()].filter(({ endsAt }) => endsAt > now),
  };
}
