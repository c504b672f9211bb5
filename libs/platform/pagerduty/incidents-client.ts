import {
  call,
  DeliveryError,
  KeyedTokenBucket,
  systemTiming,
  type CallAnswer,
  type Timing,
} from '@holdfast/platform/delivery';

export interface IncidentsClientOptions {
  /** Where /incidents is found, such as https://api.pagerduty.com. */
  readonly baseUrl: string;
  /** Token of the REST API. A secret. */
  readonly token: string;
  /** Mail of the user in whose name notes are written; a token of an account needs one. */
  readonly from?: string | undefined;
  /** Time for one call, its turn in the rate limit included. Default 15,000 ms. */
  readonly timeoutMs?: number;
  /** Default 960, PagerDuty's limit of a token. */
  readonly callsPerMinute?: number;
  readonly timing?: Timing;
}

/** An incident as PagerDuty shows it. */
export interface PagerDutyIncident {
  readonly id: string;
  /** What people call it by: `#1234`. */
  readonly number: number;
  /** Where people see it. */
  readonly url: string;
}

/** Longest note that is sent, in characters. PagerDuty documents no limit; this fits on a screen. */
const MAX_NOTE = 2_000;
const INCIDENT_ID = /^[A-Za-z0-9]{1,50}$/;

/**
 * Reads incidents from PagerDuty's REST API v2 and puts notes to them. Calls once: who asks repeats it. Nothing is logged, and no error carries the token.
 */
export class IncidentsClient {
  private readonly timing: Timing;
  private readonly limiter: KeyedTokenBucket;
  private readonly timeoutMs: number;

  constructor(private readonly options: IncidentsClientOptions) {
    this.timing = options.timing ?? systemTiming;
    this.timeoutMs = options.timeoutMs ?? 15_000;
    const callsPerMinute = options.callsPerMinute ?? 960;
    const burst = Math.max(1, Math.floor(callsPerMinute / 2));
    this.limiter = new KeyedTokenBucket({ callsPerMinute, burst, maxKeys: 1 }, this.timing);
  }

  /**
   * The newest incident of a dedup key, in whatever state; undefined when there is none, or none yet: events are processed some time after they were accepted.
   * @throws DeliveryError by the class of what went wrong
   */
  async find(dedupKey: string): Promise<PagerDutyIncident | undefined> {
    // Without a range PagerDuty looks at the last month only.
    const query = new URLSearchParams({
      incident_key: dedupKey,
      date_range: 'all',
      sort_by: 'created_at:desc',
      limit: '1',
    });
    const { body } = await this.ask('GET', `/incidents?${query.toString()}`);
    const listed = memberOf(body, 'incidents');
    if (!Array.isArray(listed)) throw strange();
    return listed.length === 0 ? undefined : incidentOf(listed[0]);
  }

  /**
   * Puts a note to an incident, unless one of the same text is there already: PagerDuty itself takes a note as often as it is sent.
   * @param content cut to 2,000 characters
   * @throws DeliveryError as `find`
   */
  async note(incidentId: string, content: string): Promise<void> {
    if (!INCIDENT_ID.test(incidentId)) throw strange();
    const text = content.slice(0, MAX_NOTE);
    const path = `/incidents/${incidentId}/notes`;
    const notes = memberOf((await this.ask('GET', path)).body, 'notes');
    if (!Array.isArray(notes)) throw strange();
    if (notes.some((one) => memberOf(one, 'content') === text)) return;
    await this.ask('POST', path, { note: { content: text } });
  }

  private async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<CallAnswer> {
    const { baseUrl, token, from } = this.options;
    const deadline = this.timing.now() + this.timeoutMs;
    const turn = await this.limiter.take(TOKEN, deadline);
    if (!turn.granted)
      throw new DeliveryError('rate_limited', 'the rate limit leaves no call before the deadline', {
        retryAfterMs: Math.ceil(turn.waitMs),
      });
    try {
      return await call({
        url: new URL(path, baseUrl).href,
        method,
        headers: {
          accept: 'application/vnd.pagerduty+json;version=2',
          authorization: `Token token=${token}`,
          ...(from !== undefined && { from }),
        },
        ...(body && { body }),
        timeoutMs: deadline - this.timing.now(),
      });
    } catch (error) {
      const wait = error instanceof DeliveryError && error.kind === 'rate_limited' && error.details.retryAfterMs;
      // For the others that ask at this moment.
      if (wait) this.limiter.pause(TOKEN, Math.min(wait, 60_000));
      throw error;
    }
  }
}

/** There is one token, hence one key in the limiter. */
const TOKEN = 'token';

/** @throws DeliveryError `failing` when it is no incident with an address of the web */
function incidentOf(listed: unknown): PagerDutyIncident {
  const [id, number, url] = ['id', 'incident_number', 'html_url'].map((name) => memberOf(listed, name));
  const isWhole = typeof id === 'string' && typeof number === 'number' && typeof url === 'string';
  if (!isWhole || !INCIDENT_ID.test(id) || !/^https?:\/\//.test(url)) throw strange();
  return { id, number, url };
}

const strange = (): DeliveryError => new DeliveryError('failing', 'the answer is not what the API documents');

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
