import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallLimit } from './call-limit';
import { isObject } from './event-validation';
import { MAX_EVENT_BYTES, parseJson, readBody, serveWithFaults, type Answer, type EnqueueContext } from './http';
import type { Incident } from './incident-book';

/** A note that somebody has put to an incident. */
export interface Note {
  readonly id: string;
  readonly incidentId: string;
  readonly content: string;
  /** Mail of the user who wrote it. */
  readonly from: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What the REST side asks of the emulator. */
export interface RestContext extends Pick<EnqueueContext, 'faults' | 'now' | 'record' | 'signal'> {
  /** The token that is accepted; any where there is none. */
  readonly token: string | undefined;
  /** Counted for each token. */
  readonly restLimit: CallLimit;
  incidents(): readonly Incident[];
  notes(): readonly Note[];
  addNote(incidentId: string, content: string, from: string): Note;
}

export const SITE = 'https://holdfast.pagerduty.example';
const NOTES = /^\/incidents\/([^/]+)\/notes$/;
const AUTHORIZATION = /^Token token=(\S+)$/;
const MAIL = /^[^\s@]+@[^\s@]+$/;
const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

/** Whether a path is one of the REST API's. */
export const isRest = (path: string): boolean => path === '/incidents' || NOTES.test(path);

/** Serves the part of the REST API v2 that tells of incidents and takes notes, faults included. */
export async function serveRest(
  request: IncomingMessage,
  response: ServerResponse,
  context: RestContext,
): Promise<void> {
  const body = parseJson(await readBody(request, MAX_EVENT_BYTES));
  const url = new URL(request.url ?? '', SITE);
  const call = {
    api: 'rest' as const,
    body: { method: request.method, path: url.pathname + url.search, ...asMembers(body) },
  };
  await serveWithFaults(request, response, context, call, () => ({ reply: decide(request, url, body, context) }));
}

const asMembers = (body: unknown): object => (isObject(body) ? body : {});

function decide({ method, headers }: IncomingMessage, url: URL, body: unknown, context: RestContext): Answer {
  const token = AUTHORIZATION.exec(headers.authorization ?? '')?.[1];
  if (token === undefined || (context.token !== undefined && token !== context.token))
    return failure(401, 2006, 'Authentication failed');
  const wait = context.restLimit.refuse(token);
  if (wait !== undefined)
    return { ...failure(429, 2020, 'Rate Limit Exceeded'), headers: { 'ratelimit-reset': String(wait) } };
  if (url.pathname === '/incidents') return method === 'GET' ? listed(url, context) : notFound();
  const incident = context.incidents().find(({ id }) => id === NOTES.exec(url.pathname)?.[1]);
  if (!incident) return notFound();
  if (method === 'GET')
    return { status: 200, body: { notes: context.notes().filter(ofIncident(incident)).map(noteView) } };
  return method === 'POST' ? noted(incident, headers.from, body, context) : notFound();
}

const ofIncident =
  ({ id }: Incident) =>
  ({ incidentId }: Note): boolean =>
    incidentId === id;

/** GET /incidents: incidents of a key, the oldest first unless `sort_by` says otherwise. Those of the last month only, without a range. */
function listed({ searchParams }: URL, context: RestContext): Answer {
  const limit = Number(searchParams.get('limit') ?? DEFAULT_LIMIT);
  const offset = Number(searchParams.get('offset') ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT || !Number.isInteger(offset) || offset < 0)
    return failure(400, 2001, 'Invalid Input Provided', ['Limit or offset is out of range']);
  const key = searchParams.get('incident_key');
  const month = new Date(context.now() - 31 * 86_400_000).toISOString();
  const found = context
    .incidents()
    .filter(({ dedupKey }) => key === null || dedupKey === key)
    .filter(({ createdAt }) => searchParams.get('date_range') === 'all' || createdAt >= month)
    .toSorted((a, b) => a.number - b.number);
  const sorted = searchParams.get('sort_by') === 'created_at:desc' ? found.toReversed() : found;
  const page = sorted.slice(offset, offset + limit);
  const more = sorted.length > offset + limit;
  return { status: 200, body: { incidents: page.map(incidentView), limit, offset, total: null, more } };
}

function noted(incident: Incident, from: string | undefined, body: unknown, context: RestContext): Answer {
  if (from === undefined || !MAIL.test(from))
    return failure(400, 2001, 'Invalid Input Provided', ['The From header is not the mail of a user']);
  const note = isObject(body) ? body['note'] : undefined;
  const content = isObject(note) ? note['content'] : undefined;
  if (typeof content !== 'string' || content.trim() === '')
    return failure(400, 2001, 'Invalid Input Provided', ['Content cannot be empty.']);
  return { status: 201, body: { note: noteView(context.addNote(incident.id, content, from)) } };
}

const incidentView = ({ id, number, title, dedupKey, status, createdAt, serviceId }: Incident): object => ({
  id,
  type: 'incident',
  summary: `[#${number}] ${title}`,
  self: `${SITE}/api/incidents/${id}`,
  html_url: `${SITE}/incidents/${id}`,
  incident_number: number,
  title,
  status,
  created_at: createdAt,
  incident_key: dedupKey,
  service: { id: serviceId, type: 'service_reference', summary: `Service ${serviceId}` },
  urgency: 'high',
});

const noteView = ({ id, content, from, at }: Note): object => ({
  id,
  user: { id: 'PUSER01', type: 'user_reference', summary: from },
  channel: { summary: 'The PagerDuty website or APIs' },
  content,
  created_at: at,
});

const notFound = (): Answer => failure(404, 2100, 'Not Found');
const failure = (status: number, code: number, message: string, errors?: readonly string[]): Answer => ({
  status,
  body: { error: { message, code, ...(errors && { errors }) } },
});
