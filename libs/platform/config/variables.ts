import { z } from 'zod';
import { recordVariables } from './record-variables';
import {
  variable,
  secret,
  port,
  bytes,
  url,
  named,
  namedTexts,
  namedUrls,
  channelAddresses,
  channelSecrets,
  tokenKeys,
  key32,
  list,
  maintenanceWindow,
  type Variable,
} from './variable-forms';

/** What API and worker read. */
export const variables = {
  CLICKHOUSE_URL: variable(url.default('http://127.0.0.1:8123'), 'Address of ClickHouse over HTTP.'),
  CLICKHOUSE_DATABASE: variable(z.string().regex(/^\w+$/).default('app'), 'Database that holds every table.'),
  CLICKHOUSE_USER: variable(z.string().min(1).default('default'), 'User of ClickHouse.'),
  CLICKHOUSE_PASSWORD: secret(z.string().default(''), 'Password of that user.'),
  TEMPORAL_ADDRESS: variable(
    z
      .string()
      .regex(/^[^\s/]+:\d+$/, 'must be host:port')
      .default('127.0.0.1:7233'),
    'Front end of the Temporal server.',
  ),
  TEMPORAL_NAMESPACE: variable(z.string().min(1).default('default'), 'Namespace of the workflows.'),
  HOLDFAST_START_PATIENCE_SECONDS: variable(
    z.coerce.number().int().min(1).default(60),
    'How long API and worker wait for ClickHouse and Temporal at their start: processes of an installation start in any order.',
  ),
  HOLDFAST_HOST: variable(z.string().min(1).default('127.0.0.1'), 'Interface that the API listens on, and audit-log.'),
  PORT: variable(port.default(3000), 'Port that the API listens on; 0 takes a free one.'),
  HOLDFAST_PUBLIC_URL: variable(
    url.optional(),
    'Address of the API in pages, its path included; without it pages have no link. `npm start` sets it to where its API listens.',
  ),
  HOLDFAST_ADMIN_KEY_FILE: variable(
    z.string().min(1).optional(),
    'Where the first start writes the key of the first administrator, readable by its owner alone. Without it no key is made.',
  ),
  HOLDFAST_NEW_ADMIN_KEY: variable(
    z.enum(['true', 'false']).default('false'),
    '`true` makes another key of the administrator at the start when HOLDFAST_ADMIN_KEY_FILE names no file yet, for who has lost theirs.',
  ),
  HOLDFAST_HEALTH_PORT: variable(port.optional(), 'Port of the worker for /livez and /readyz; none if unset.'),
  HOLDFAST_INTAKE_MEMORY_BYTES: variable(
    bytes.default(96_000_000),
    'Events that may wait in memory of the API for ClickHouse; beyond it intake answers 429.',
  ),
  HOLDFAST_INTAKE_OWNER_URL: variable(
    url.optional(),
    'Address of the API that takes records in, for every other API of the installation: they hand on to it. The one that takes records in has none.',
  ),
  HOLDFAST_LATE_EVENTS_EVERY_MS: variable(
    z.coerce.number().int().min(100).default(1000),
    'How often open windows are looked over for events that arrived late.',
  ),
  HOLDFAST_INSPECT_EVERY_SECONDS: variable(
    z.coerce.number().int().min(10).max(86_400).default(300),
    'How often what was received is looked over for gaps, lulls, wrong clocks and wrong checksums.',
  ),
  HOLDFAST_MEASURE_EVERY_SECONDS: variable(
    z.coerce.number().int().min(10).max(86_400).default(300),
    'How often KPIs are brought up to date, objectives evaluated, and references looked over that are due.',
  ),
  HOLDFAST_ON_CALL_EVERY_SECONDS: variable(
    z.coerce.number().int().min(10).max(86_400).default(300),
    'How often on-call schedules are looked over for gaps within the next 14 days.',
  ),
  HOLDFAST_PROBE_URL: variable(
    url.optional(),
    'Address of the API by which probes of synthetic transactions go in and are read, as clients have it; HOLDFAST_PUBLIC_URL if unset.',
  ),
  HOLDFAST_PROBE_KEY: secret(
    z
      .string()
      .regex(
        /^(hf_[0-9a-f]{20}_[A-Za-z0-9_-]{43})?$/,
        'must be a key: hf_<20 hexadecimal digits>_<43 of base 64 for URLs>',
      )
      .default(''),
    'The key that probes show. The API lets it in, with the role `prober` alone, unless it was revoked. Without it no probes are sent. `npm start` makes one.',
  ),
  HOLDFAST_WATCH_HEARTBEATS_EVERY_SECONDS: variable(
    z.coerce.number().int().min(5).max(3_600).default(15),
    'How often it is looked whether heartbeats of other systems stay out.',
  ),
  HOLDFAST_HEARTBEAT_URL: secret(
    url.optional(),
    'Address at a service outside that is called while Holdfast works, and pages when it is called no more. Nothing is called without it.',
  ),
  HOLDFAST_HEARTBEAT_METHOD: variable(z.enum(['GET', 'POST']).default('GET'), 'How that address is called.'),
  HOLDFAST_HEARTBEAT_EVERY_SECONDS: variable(
    z.coerce.number().int().min(10).max(3_600).default(60),
    'How often that address is called.',
  ),
  HOLDFAST_RULES_EVERY_SECONDS: variable(
    z.coerce.number().int().min(15).max(3_600).multipleOf(15).default(15),
    'How often alert rules are evaluated; a multiple of 15.',
  ),
  HOLDFAST_CONNECTIONS_FILE: variable(
    z.string().min(1).optional(),
    'File of YAML or JSON with the connections that comparisons may use, by name; secrets in it are references to variables or files. Without it no data set can be compared through the API.',
  ),
  HOLDFAST_COMPARISONS_KEEP_DAYS: variable(
    z.coerce.number().int().min(1).max(3_650).default(90),
    'How long keys and values that comparisons found different are kept, in days, and up to a week longer; results with their counts stay.',
  ),
  HOLDFAST_PAGERDUTY_URL: variable(
    url.default('https://events.pagerduty.com'),
    'Address of the PagerDuty Events API v2.',
  ),
  HOLDFAST_PAGERDUTY_ROUTING_KEYS: secret(
    named.default(new Map()),
    'Routing keys by the name that escalation policies use: name=key,name=key.',
  ),
  HOLDFAST_PAGERDUTY_CHANGE_ROUTING_KEY: variable(
    z.string().min(1).optional(),
    'Name of the routing key, one of HOLDFAST_PAGERDUTY_ROUTING_KEYS, that changes told by `POST /v1/changes` are handed on with, as PagerDuty change events; for API and worker. Without it they stay here.',
  ),
  HOLDFAST_PAGERDUTY_API_URL: variable(
    url.default('https://api.pagerduty.com'),
    'Address of the PagerDuty REST API v2; `https://api.eu.pagerduty.com` in the EU service region.',
  ),
  HOLDFAST_PAGERDUTY_TOKEN: secret(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be visible characters')
      .optional(),
    'Token of the PagerDuty REST API. With it alerts show the incidents of their pages; without it PagerDuty gets events only.',
  ),
  HOLDFAST_PAGERDUTY_FROM: variable(
    z.email().optional(),
    'Mail of the PagerDuty user in whose name incidents get notes when an alert is resolved or reassigned; needs HOLDFAST_PAGERDUTY_TOKEN. Without it no notes are written.',
  ),
  HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS: secret(
    list.default([]),
    'Secrets that sign PagerDuty webhooks, separated by commas: two while one replaces the other. Without any, webhooks are refused.',
  ),
  HOLDFAST_SLACK_SIGNING_SECRETS: secret(
    list.default([]),
    'Signing secrets of the Slack apps whose buttons acknowledge alerts, separated by commas: two while one replaces the other. Without any, what Slack sends is refused.',
  ),
  HOLDFAST_ENVIRONMENT: variable(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a lower-case word')
      .default('production'),
    'Which environment this installation is: privacy policies say by environment what becomes of personal data.',
  ),
  HOLDFAST_IDENTITY_KEY: secret(
    key32.default(Buffer.alloc(0)),
    'Key that names of events are made with, 32 bytes in base 64: they outlive the events, and tell nothing without it. It stays the same for ever, or what was received before would be received anew: a start with another one is refused. `npm start` makes one.',
  ),
  HOLDFAST_TOKEN_KEYS: secret(
    tokenKeys.default(new Map()),
    'Keys that tokens of personal data are made with, oldest first: name=key,name=key, each 32 bytes in base 64. The last one makes new tokens; the others find older ones. `npm start` makes one.',
  ),
  HOLDFAST_CONNECTORS: variable(
    namedUrls.default(new Map()),
    'Where sources are asked to send keys again, by the name that resolution rules use: name=address,name=address. Nothing else is called.',
  ),
  HOLDFAST_CONNECTOR_SECRETS: secret(
    namedTexts.default(new Map()),
    'Secrets that requests to connectors are signed with, by the name of the connector: name=secret,name=secret. A connector without one is not called.',
  ),
  HOLDFAST_CHANNEL_ADDRESSES: variable(
    channelAddresses.default(new Map()),
    'Where channels send, by the name that their documents use (`account`): name=address,name=address. Nothing else is called but the vendors of the channels.',
  ),
  HOLDFAST_CHANNEL_SECRETS: secret(
    channelSecrets.default(new Map()),
    'Secrets of channels by the same names: name=secret,name=secret. Two of a name, the newer first and a vertical bar between them, while one replaces the other. What each type of channel needs is in the guide.',
  ),
  HOLDFAST_STATEMENT_KEYS: secret(
    tokenKeys.default(new Map()),
    'Ed25519 keys that statements are signed with, oldest first: name=key,name=key, each the 32 bytes of its seed in base 64. The last one signs; the others still verify. `npm start` makes one.',
  ),
  HOLDFAST_LINK_KEYS: secret(
    tokenKeys.default(new Map()),
    'Keys that links in pages are signed with, oldest first: name=key,name=key, each 32 bytes in base 64. The last one signs; the others still verify. Without any, pages have no link that acknowledges. `npm start` makes one.',
  ),
  ...recordVariables,
} satisfies Record<string, Variable>;

/** What the embedded ClickHouse reads. */
export const engineVariables = {
  CLICKHOUSE_PASSWORD: variables.CLICKHOUSE_PASSWORD,
  CLICKHOUSE_MAX_BODY_BYTES: variable(
    bytes.default(1024 ** 3),
    'Embedded ClickHouse only: the largest body that it takes.',
  ),
  CLICKHOUSE_SPOOL_DIR: variable(
    z.string().optional(),
    'Embedded ClickHouse only: where bodies wait to be inserted; in memory where there is room, else beside its data.',
  ),
  CLICKHOUSE_MAX_SPOOL_BYTES: variable(
    bytes.optional(),
    'Embedded ClickHouse only: how much may wait there, half of the free space if unset; beyond it inserts answer 507.',
  ),
} satisfies Record<string, Variable>;

/** What `holdfast migrate` reads. */
export const migrationVariables = {
  CLICKHOUSE_URL: variables.CLICKHOUSE_URL,
  CLICKHOUSE_DATABASE: variables.CLICKHOUSE_DATABASE,
  CLICKHOUSE_USER: variables.CLICKHOUSE_USER,
  CLICKHOUSE_PASSWORD: variables.CLICKHOUSE_PASSWORD,
  HOLDFAST_MAINTENANCE_WINDOW: variable(
    maintenanceWindow.optional(),
    '`holdfast migrate apply`: when a migration may take away or rewrite much, such as `Sun 02:00-04:00 Europe/Berlin`; days are `Sat,Sun`, `Mon-Fri` or `daily`, too.',
  ),
} satisfies Record<string, Variable>;

/** What the command line reads. */
export const commandLineVariables = {
  HOLDFAST_URL: variable(url.default('http://127.0.0.1:3000'), 'Command line: address of the API.'),
  HOLDFAST_KEY: secret(
    z.string().optional(),
    'Command line: the key to show; if unset, that of the stack in the default directory.',
  ),
} satisfies Record<string, Variable>;

/** Read by their XDG specification, which has a relative path ignored. */
const directories = {
  XDG_DATA_HOME: variable(
    z.string().optional(),
    '`npm start` and the command line: everything of a stack is in `holdfast` below it; `~/.local/share` if unset.',
  ),
  XDG_CACHE_HOME: variable(
    z.string().optional(),
    'Programs that were downloaded or built are in `holdfast` below it; `~/.cache` if unset.',
  ),
} satisfies Record<string, Variable>;

/** Every variable that Holdfast reads; docs/configuration.md is generated from this table. */
export const allVariables = {
  ...variables,
  ...engineVariables,
  ...migrationVariables,
  ...commandLineVariables,
  ...directories,
};

export type ValuesOf<T extends Readonly<Record<string, Variable>>> = {
  readonly [K in keyof T]: z.output<T[K]['schema']>;
};
export type Configuration = ValuesOf<typeof variables>;
