import { isTimeZone } from '@holdfast/platform/calendar';
import { z } from 'zod';
import { covers } from './core/fairness';
import type { PersonDefinition } from './core/schedule';
import { timeOfDay, WEEKDAYS } from './core/wall-time';

export const PersonId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'on-call-a' });
export const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a zone of the IANA database such as Europe/Berlin');
export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 08:30');
export const Days = z
  .array(z.enum(WEEKDAYS))
  .min(1)
  .max(7)
  .refine((days) => new Set(days).size === days.length, 'names a day twice');

const NOT_EMPTY = { path: ['to'], error: 'is the same as from: the part is empty' };
const BusinessHours = z
  .strictObject({ days: Days, from: TimeOfDay, to: TimeOfDay })
  .refine(({ from, to }) => from !== to, NOT_EMPTY);
const SleepHours = z.strictObject({ from: TimeOfDay, to: TimeOfDay }).refine(({ from, to }) => from !== to, NOT_EMPTY);

const ContactSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pagerduty'),
    routingKey: z
      .string()
      .regex(/^[^\s,=]{1,100}$/, 'must be a name without spaces, commas and =')
      .describe('Name of a routing key in HOLDFAST_PAGERDUTY_ROUTING_KEYS.'),
  }),
  z.strictObject({
    kind: z.literal('channel'),
    channel: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the id of a channel'),
    to: z
      .string()
      .min(1)
      .max(320)
      .optional()
      .describe('The address of the person on the channel, such as a mail address or a member id.'),
  }),
]);

/** What `PUT /v1/people/{id}` takes. */
export const PersonSchema = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    contacts: z
      .array(ContactSchema)
      .max(10)
      .optional()
      .describe('How the person is paged: the first one; the next one where it fails.')
      .refine(
        (all) =>
          new Set(all?.map((one) => (one.kind === 'channel' ? one.channel : one.kind))).size === (all?.length ?? 0),
        'names a channel twice',
      ),
    zone: TimeZone,
    businessHours: BusinessHours.default({
      days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      from: '09:00',
      to: '17:00',
    }).describe('Local; across midnight where they end before they begin. Days without them are weekend.'),
    sleepHours: SleepHours.default({ from: '22:00', to: '07:00' }).describe('Local, every day.'),
  })
  .refine(
    ({ businessHours: business, sleepHours: sleep }) =>
      !covers(sleep, timeOfDay(business.from)) && !covers(business, timeOfDay(sleep.from)),
    { path: ['sleepHours'], error: 'overlaps businessHours' },
  ) satisfies z.ZodType<PersonDefinition>;

export const PersonAnswer = z.object({
  id: PersonId,
  version: z.int(),
  ...PersonSchema.shape,
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
