/** An alert event of the Events API v2 that passed validation; a trigger without a dedup key has none yet. */
export interface AlertEvent {
  readonly routingKey: string;
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedupKey: string | undefined;
  readonly summary: string;
  readonly severity: string;
  readonly source: string;
  readonly client: string | undefined;
}

/** A change event that passed validation. */
export interface ChangeEvent {
  readonly routingKey: string;
  readonly summary: string;
  readonly source: string;
  readonly timestamp: string | undefined;
  readonly customDetails: Readonly<Record<string, unknown>>;
  readonly links: readonly unknown[];
}

const ACTIONS = ['trigger', 'acknowledge', 'resolve'] as const;
const SEVERITIES = ['critical', 'error', 'warning', 'info'];
const MAX_SUMMARY = 1024;
const MAX_DEDUP_KEY = 255;
const ROUTING_KEY_LENGTH = 32;

type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The routing key, where the body has one of the right length: what calls are counted by. */
export function routingKeyOf(body: unknown): string | undefined {
  const key = isObject(body) ? body['routing_key'] : undefined;
  return typeof key === 'string' && key.length === ROUTING_KEY_LENGTH ? key : undefined;
}

/** Checks a parsed body against the documented members and limits; all problems at once. */
export function validateEvent(body: unknown): { event: AlertEvent } | { errors: string[] } {
  if (!isObject(body)) return { errors: ['the event is not a JSON object'] };
  const errors: string[] = [];
  const routingKey = routingKeyOf(body);
  if (routingKey === undefined) errors.push(keyProblem(body['routing_key']));
  const action = ACTIONS.find((known) => known === body['event_action']);
  if (action === undefined) errors.push(`'event_action' is invalid (must be one of: ${ACTIONS.join(', ')})`);
  const dedupKey = optionalText(body, 'dedup_key', errors, MAX_DEDUP_KEY);
  if (action !== undefined && action !== 'trigger' && dedupKey === undefined) {
    errors.push(`'dedup_key' is missing or blank`);
  }
  if (action === 'trigger') checkPayload(body['payload'], errors);
  checkContext(body, errors);
  if (errors.length > 0 || routingKey === undefined || action === undefined) return { errors };
  const payload = isObject(body['payload']) ? body['payload'] : {};
  return {
    event: {
      routingKey,
      action,
      dedupKey,
      summary: textOr(payload['summary'], ''),
      severity: textOr(payload['severity'], ''),
      source: textOr(payload['source'], ''),
      client: typeof body['client'] === 'string' ? body['client'] : undefined,
    },
  };
}

/** Checks a parsed change event: a summary is all that it must have. */
export function validateChange(body: unknown): { event: ChangeEvent } | { errors: string[] } {
  if (!isObject(body)) return { errors: ['the event is not a JSON object'] };
  const errors: string[] = [];
  const routingKey = routingKeyOf(body);
  if (routingKey === undefined) errors.push(keyProblem(body['routing_key']));
  const payload = isObject(body['payload']) ? body['payload'] : undefined;
  if (payload) checkDescription(payload, errors);
  else errors.push(`'payload' is missing or not an object`);
  const source = payload && optionalText(payload, 'source', errors);
  checkLists(body, errors);
  if (errors.length > 0 || routingKey === undefined || !payload) return { errors };
  return {
    event: {
      ...{ routingKey, summary: textOr(payload['summary'], ''), source: source ?? '' },
      timestamp: typeof payload['timestamp'] === 'string' ? payload['timestamp'] : undefined,
      customDetails: isObject(payload['custom_details']) ? payload['custom_details'] : {},
      links: Array.isArray(body['links']) ? body['links'] : [],
    },
  };
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** Characters, not UTF-16 units. */
const lengthOf = (text: string): number => Array.from(text).length;

function keyProblem(key: unknown): string {
  if (typeof key !== 'string' || key === '') return `'routing_key' is missing or blank`;
  return `'routing_key' has the wrong length (should be ${ROUTING_KEY_LENGTH} characters)`;
}

function checkPayload(payload: unknown, errors: string[]): void {
  if (!isObject(payload)) {
    errors.push(`'payload' is missing or not an object`);
    return;
  }
  checkDescription(payload, errors);
  requiredText(payload, 'source', errors);
  if (typeof payload['severity'] !== 'string' || !SEVERITIES.includes(payload['severity'])) {
    errors.push(`'payload.severity' is invalid (must be one of: ${SEVERITIES.join(', ')})`);
  }
  for (const name of ['component', 'group', 'class']) optionalText(payload, name, errors);
}

/** What alert events and change events have in common. */
function checkDescription(payload: Members, errors: string[]): void {
  requiredText(payload, 'summary', errors);
  if (lengthOf(textOr(payload['summary'], '')) > MAX_SUMMARY) {
    errors.push(`'summary' is too long (maximum is ${MAX_SUMMARY} characters)`);
  }
  const timestamp = optionalText(payload, 'timestamp', errors);
  if (timestamp !== undefined && Number.isNaN(Date.parse(timestamp))) errors.push(`'timestamp' is not ISO 8601`);
  const details = payload['custom_details'] ?? {};
  if (!isObject(details)) errors.push(`'custom_details' is not an object`);
}

function checkContext(body: Members, errors: string[]): void {
  optionalText(body, 'client', errors);
  optionalText(body, 'client_url', errors);
  checkLists(body, errors);
}

function checkLists(body: Members, errors: string[]): void {
  for (const [name, address] of [
    ['links', 'href'],
    ['images', 'src'],
  ] as const) {
    const list = body[name] ?? [];
    const sound = Array.isArray(list) && list.every((entry) => isObject(entry) && typeof entry[address] === 'string');
    if (!sound) errors.push(`'${name}' is not a list of objects with '${address}'`);
  }
}

function requiredText(members: Members, name: string, errors: string[]): void {
  const value = members[name];
  if (typeof value !== 'string' || value.trim() === '') errors.push(`'payload.${name}' is missing or blank`);
}

/** Null and blank count as absent. */
function optionalText(members: Members, name: string, errors: string[], limit = Infinity): string | undefined {
  const value = members[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') {
    errors.push(`'${name}' is not a string`);
    return undefined;
  }
  if (lengthOf(value) > limit) errors.push(`'${name}' is too long (maximum is ${limit} characters)`);
  return value;
}
