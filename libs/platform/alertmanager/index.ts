import { call } from '@holdfast/platform/delivery';

/** An alert as Alertmanager takes it: the labels are its identity. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339; now where it is not given. */
  readonly startsAt?: string;
  /** RFC 3339; until then it fires unless it is posted again. */
  readonly endsAt?: string;
  readonly generatorURL?: string;
}

/** An Alertmanager, or what speaks its API. */
export interface AlertmanagerApi {
  /** The API is below /api/v2. */
  readonly url: string;
  /** `user:password` where something in front of it asks for that. */
  readonly login?: string | undefined;
  /** Until the whole answer is there, in milliseconds. */
  readonly timeoutMs: number;
}

/** POST /api/v2/alerts. The same labels are the same alert. @throws DeliveryError */
export async function postAlerts(
  { url, login, timeoutMs }: AlertmanagerApi,
  alerts: readonly PostedAlert[],
): Promise<void> {
  const base = url.endsWith('/') ? url : `${url}/`;
  await call({
    url: new URL('api/v2/alerts', base).href,
    headers: login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    body: alerts,
    timeoutMs,
  });
}
