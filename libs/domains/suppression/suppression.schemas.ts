import { parseInstant } from '@holdfast/kernel';
import { isTimeZone } from '@holdfast/platform/calendar';
import { readRecurrence } from '@holdfast/platform/calendar/recurrence';
import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import type { InhibitionDefinition } from './core/inhibition';
import type { Matcher } from './core/matcher';
import type { FlappingDefinition } from './core/muting';
import type { When, WindowDefinition } from './core/window';

const DAY = 86_400;
/** The longest occurrence: so far back one can begin that goes on now. */
const LONGEST_SECONDS = 31 * DAY;
/** The longest that a change can keep a window open. */
export const LONGEST_CHANGE_SECONDS = 7 * DAY;
const LONGEST_ONE_OFF = 366 * DAY * 1_000_000;
/** The longest span that is asked for at once. */
const MOST_DAYS = 370;

export const SuppressionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'erp-maintenance' });
/** Of a window: the last parts of its routes are no names. */
export const WindowId = SuppressionId.refine((id) => !['active', 'preview'].includes(id), 'is the name of a route');

export const LabelName = z.string().regex(/^[A-Za-z_][\w./-]{0,99}$/, 'must be 1 to 100 of A-Z, a-z, 0-9, _ . / and -');
const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'u').flags === 'u';
  } catch {
    return false;
  }
};
const MatcherSchema = z
  .strictObject({
    label: LabelName,
    op: z.enum(['=', '!=', '=~', '!~']).default('='),
    value: z
      .string()
      .max(500)
      .describe('Of =~ and !~ a regular expression for the whole value; it has to take linear time on any text.'),
  })
  .refine(({ op, value }) => op === '=' || op === '!=' || isPattern(value), {
    path: ['value'],
    error: 'is not a regular expression',
  }) satisfies z.ZodType<Matcher>;
const Matchers = z
  .array(MatcherSchema)
  .min(1, 'must be one or more: what matches everything has to say so, such as severity =~ .*')
  .max(20)
  .describe('All of them have to be so. A label that is not there is empty.');

const LocalTime = z
  .string()
  .refine(
    (text) =>
      /^2[01]\d\d-\d\d-\d\dT\d\d:\d\d(:[0-5]\d)?$/.test(text) &&
      parseInstant(text.length === 16 ? `${text}:00Z` : `${text}Z`) !== undefined,
    'must be a local time that exists, from 2000 to 2199, such as 2027-03-16T22:00',
  );
const LocalMinute = LocalTime.refine((text) => text.length === 16 || text.endsWith(':00'), 'must be a whole minute');
const Zone = z.string().max(100).refine(isTimeZone, 'must be a time zone of IANA, such as Europe/Berlin');
const years = { first: Date.UTC(2000, 0, 1) * 1000, end: Date.UTC(2200, 0, 1) * 1000 };
const isInstant = (text: string): boolean => {
  const at = parseInstant(text);
  return at !== undefined && at >= years.first && at < years.end;
};
const faultOfRule = (text: string): string | undefined => {
  const read = readRecurrence(text);
  return 'fault' in read ? read.fault : undefined;
};

const OneOff = z
  .strictObject({
    kind: z.literal('one-off'),
    zone: Zone.optional().describe('Where it is given, from and to are local times without an offset.'),
    from: z.string().max(40),
    to: z.string().max(40),
  })
  .superRefine(({ zone, from, to }, context) => {
    const wrong = (field: 'from' | 'to', message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    for (const [field, text] of [['from', from] as const, ['to', to] as const]) {
      if (zone === undefined && !isInstant(text))
        wrong(field, 'must be an RFC 3339 date-time with an offset, from 2000 to 2199; or give the zone');
      const local = zone === undefined ? undefined : LocalTime.safeParse(text).error?.issues[0]?.message;
      if (local !== undefined) wrong(field, local);
    }
    const [begin, end] = [from, to].map((text) => parseInstant(zone === undefined ? text : asUtc(text)));
    if (begin === undefined || end === undefined) return;
    if (end <= begin) wrong('to', 'must be after from');
    else if (end - begin > LONGEST_ONE_OFF) wrong('to', 'must be 366 days after from at most');
  });
const asUtc = (local: string): string => (local.length === 16 ? `${local}:00Z` : `${local}Z`);

const Recurring = z.strictObject({
  kind: z.literal('recurring'),
  zone: Zone,
  start: LocalMinute.describe(
    'Local. The first occurrence, where that fits the rule; what the rule leaves open is as here.',
  ),
  durationSeconds: z
    .int()
    .min(60)
    .max(LONGEST_SECONDS)
    .describe("Of the wall's clock: from 22:00 on 8 hours end at 06:00 every day."),
  rrule: z
    .string()
    .max(500)
    .superRefine((text, context) => {
      const fault = faultOfRule(text);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .describe('RFC 5545, DAILY or rarer: FREQ=MONTHLY;BYDAY=3TU')
    .meta({ example: 'FREQ=MONTHLY;BYDAY=3TU' }),
});
const Deployment = z.strictObject({
  kind: z.literal('deployment'),
  changes: Matchers.describe('Of the labels of a change, and of its kind as the label kind.'),
  afterSeconds: z.int().min(0).max(DAY).default(300).describe('It goes on for so long after the change has ended.'),
  maxSeconds: z
    .int()
    .min(60)
    .max(LONGEST_CHANGE_SECONDS)
    .default(3_600)
    .describe('From the beginning of the change at most, whether it ended or not.'),
});

/** What `PUT /v1/suppression-windows/{id}` takes. */
export const WindowSchema = z.strictObject({
  reason: z.string().trim().min(1).max(1_000),
  owner: z.string().min(1).max(100).describe('Who answers for it.'),
  enabled: z.boolean().default(true),
  matchers: Matchers.describe('The alerts that it mutes, by their labels: all of these are so.'),
  when: z.discriminatedUnion('kind', [OneOff, Recurring, Deployment]) satisfies z.ZodType<When>,
}) satisfies z.ZodType<WindowDefinition>;

/** What `PUT /v1/inhibition-rules/{id}` takes. */
export const InhibitionSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  enabled: z.boolean().default(true),
  source: Matchers.describe('While an alert is open that is so,'),
  target: Matchers.describe('others that are so are muted'),
  equal: z
    .array(LabelName)
    .max(20)
    .refine((all) => new Set(all).size === all.length, 'must differ')
    .default([])
    .describe('where these labels have the same value.'),
}) satisfies z.ZodType<InhibitionDefinition>;

/** What `PUT /v1/flapping-rules/{id}` takes. */
export const FlappingSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  enabled: z.boolean().default(true),
  matchers: Matchers,
  raises: z.int().min(2).max(1_000).describe('So many times of the same fingerprint, this one included,'),
  withinSeconds: z
    .int()
    .min(60)
    .max(7 * DAY)
    .describe('in so many seconds:'),
  calmSeconds: z.int().min(1).max(DAY).describe('then it is muted until it has been open for so long.'),
}) satisfies z.ZodType<FlappingDefinition>;

export const ListQuery = z.strictObject({ cursor: z.string().optional(), limit: pageLimit });
export const Instant = z.string().transform((text, context) => {
  const found = isInstant(text) ? parseInstant(text) : undefined;
  if (found === undefined)
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date-time with an offset, from 2000 to 2199' });
  return found ?? 0;
});
export const ActiveQuery = z.strictObject({ at: Instant.optional().describe('Now where it is not given.') });

/** What `POST /v1/suppression-windows/preview` takes. */
export const PreviewSchema = z
  .strictObject({
    id: SuppressionId.optional().describe('A window that there is; else give the definition.'),
    definition: WindowSchema.optional(),
    from: Instant,
    to: Instant,
  })
  .refine(({ id, definition }) => (id === undefined) !== (definition === undefined), {
    path: ['definition'],
    error: 'give either id or definition',
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })
  .refine(({ from, to }) => to - from <= MOST_DAYS * DAY * 1_000_000, {
    path: ['to'],
    error: `must be ${MOST_DAYS} days after from at most`,
  });

const time = z.iso.datetime();
const changed = { version: z.int(), changedBy: z.string(), changedAt: time };
export const WindowAnswer = z.object({ id: SuppressionId, ...WindowSchema.shape, ...changed });
export const InhibitionAnswer = z.object({ id: SuppressionId, ...InhibitionSchema.shape, ...changed });
export const FlappingAnswer = z.object({ id: SuppressionId, ...FlappingSchema.shape, ...changed });
const Occurrence = z.object({
  from: time,
  to: time,
  change: z.string().nullable().describe('Of a deployment window: the change that opened it.'),
});
export const PreviewAnswer = z.object({
  occurrences: z.array(Occurrence),
  complete: z.boolean().describe('False: there are more than are listed.'),
});
export const ActiveAnswer = z.object({
  at: time,
  items: z.array(
    z.object({
      id: SuppressionId,
      version: z.int(),
      reason: z.string(),
      owner: z.string(),
      kind: z.enum(['one-off', 'recurring', 'deployment']),
      since: time,
      until: time.nullable().describe('Null while the change that opened it is under way.'),
      latest: time.describe('It ends then at the latest.'),
      change: z.string().nullable(),
    }),
  ),
});
