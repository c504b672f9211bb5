import { z } from 'zod';
import { everApplies } from './core/layer-spans';
import type { Layer, Restriction as Part, ScheduleDefinition } from './core/schedule';
import { WEEKDAYS } from './core/wall-time';
import { Days, PersonId, TimeOfDay, TimeZone } from './person.schemas';

export const ScheduleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting with -')
  .meta({ example: 'payments' });

/** The longest turn and the longest override: so far back something can begin that goes on now. */
export const LONGEST_DAYS = 31;

const LocalDate = z.iso
  .date('must be a date that exists, such as 2026-03-29')
  .refine((date) => date >= '2000-01-01' && date < '2200-01-01', 'must be from 2000 to 2199');
const Weekday = z.enum(WEEKDAYS);

const Rotation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('daily') }),
  z.strictObject({ kind: z.literal('weekly'), weekday: Weekday.describe('The day of the handover.') }),
  z.strictObject({
    kind: z.literal('custom'),
    hours: z
      .int()
      .min(1)
      .max(LONGEST_DAYS * 24)
      .describe('Of the wall clock: 12 hours from 08:00 hand over at 08:00 and 20:00 all the year.'),
  }),
]);
const isEmpty = (one: Part): boolean => one.from === one.to && (one.kind === 'day' || one.fromDay === one.toDay);
const NEVER = 'is the same as from: the restriction never applies; leave it out for all of the time';
const Restriction = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('day'),
      from: TimeOfDay,
      to: TimeOfDay,
      days: Days.optional().describe('The days on which it begins; every day where not given.'),
    }),
    z.strictObject({
      kind: z.literal('week'),
      fromDay: Weekday,
      from: TimeOfDay,
      toDay: Weekday,
      to: TimeOfDay,
    }),
  ])
  .refine((one) => !isEmpty(one), {
    path: ['to'],
    error: NEVER,
  });

const LayerSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    rotation: Rotation,
    handover: TimeOfDay.describe(
      'Local. In the hour that is skipped: right behind it; in the one that comes twice: the first time.',
    ),
    start: LocalDate.describe('The first turn begins on this day at the handover.'),
    end: LocalDate.optional().describe('The layer ends on this day at the handover.'),
    participants: z
      .array(PersonId)
      .min(1, 'has nobody: a rotation needs people')
      .max(200)
      .describe('In the order of their turns; who is named twice has two.'),
    restrictions: z
      .array(Restriction)
      .max(20)
      .default([])
      .describe('When the layer applies, in local time: in any of these; always where there is none.'),
  })
  .refine(({ start, end }) => end === undefined || start < end, { path: ['end'], error: 'must be after start' })
  .superRefine((layer, context) => {
    layer.restrictions.forEach((one, i) => {
      if (!isEmpty(one) && !everApplies(layer, one))
        context.addIssue({
          code: 'custom',
          path: ['restrictions', i],
          message: 'never applies: it does not fall between start and end',
        });
    });
  });

/** What `PUT /v1/on-call-schedules/{id}` takes. */
export const ScheduleSchema = z
  .strictObject({
    description: z.string().max(2_000).optional(),
    zone: TimeZone,
    layers: z
      .array(LayerSchema)
      .min(1, 'a schedule has one layer or more')
      .max(20)
      .describe('A later one wins over an earlier one where it has somebody.'),
    owner: z.string().min(1).max(100).describe('Who answers for it, and owns the findings of its gaps.'),
    reportGaps: z
      .boolean()
      .default(true)
      .describe('Whether gaps are told as findings; false where it is not meant to cover all of the time.'),
    escalationPolicy: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .optional()
      .describe('Who is paged a day before a gap; nobody where it is not given.'),
  })
  .superRefine(({ layers }, context) => {
    const [names, contents] = [new Set<string>(), new Set<string>()];
    layers.forEach(({ name, ...layer }, i) => {
      const content = contentOf(layer);
      if (names.has(name))
        context.addIssue({ code: 'custom', path: ['layers', i, 'name'], message: 'is the name of an earlier layer' });
      else if (contents.has(content))
        context.addIssue({ code: 'custom', path: ['layers', i], message: 'says the same as an earlier layer' });
      names.add(name);
      contents.add(content);
    });
  }) satisfies z.ZodType<ScheduleDefinition>;

const contentOf = ({ rotation, handover, start, end, participants, restrictions }: Omit<Layer, 'name'>): string =>
  JSON.stringify([rotation, handover, start, end ?? null, participants, restrictions]);

export const ScheduleAnswer = z.object({
  id: ScheduleId,
  version: z.int(),
  ...ScheduleSchema.shape,
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});
