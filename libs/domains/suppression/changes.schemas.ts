import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { CHANGE_KINDS, CHANGE_STATES, KIND_LABEL } from './core/change';
import { Instant, LabelName } from './suppression.schemas';

export const ChangeId = z
  .string()
  .regex(/^[\w.:~-]{1,200}$/, 'must be 1 to 200 of A-Z, a-z, 0-9 and . _ : ~ -')
  .meta({ example: 'erp-build-4711' });
const Kind = z.enum(CHANGE_KINDS);
const State = z.enum(CHANGE_STATES);

const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** What `POST /v1/changes` takes: one state of a change. */
export const ChangeSchema = z.strictObject({
  id: ChangeId.describe('Of the change: the same for all of its states, and for a repeat.'),
  kind: Kind,
  state: State.describe('occurred: a change without a length.'),
  labels: z
    .record(LabelName, z.string().max(500))
    .refine((labels) => Object.keys(labels).length <= 30, 'must be 30 at most')
    .refine((labels) => !Object.hasOwn(labels, KIND_LABEL), 'must not have kind: that is the kind of the change')
    .default({})
    .describe('Such as service, environment, region. What an earlier state said need not be said again.'),
  at: Instant.optional().describe('When it happened; now where it is not given. Five minutes in the future at most.'),
  title: z.string().max(300).default(''),
  link: z
    .string()
    .max(2_000)
    .refine((text) => text === '' || isWebAddress(text), 'must be an address with http or https')
    .default(''),
  by: z.string().max(200).default('').describe('Who or what makes the change.'),
});

/** `name=value` or `name!=value`. */
const Match = z.string().transform((text, context) => {
  const [, label = '', op = '', value = ''] = /^([^=!~]+)(=~|!~|!=|=)(.*)$/su.exec(text) ?? [];
  const isKnown = LabelName.safeParse(label).success && (op === '=' || op === '!=') && value !== '';
  if (!isKnown) context.addIssue({ code: 'custom', message: 'must be label=value or label!=value' });
  return { label, op, value };
});
export const ChangeQuery = z
  .strictObject({
    from: Instant.optional().describe('A day before to where it is not given.'),
    to: Instant.optional().describe('Now where it is not given.'),
    kind: Kind.optional(),
    match: z
      .union([Match.transform((one) => [one]), z.array(Match).max(20)])
      .default([])
      .describe('label=value or label!=value; several times: all of them.'),
    cursor: z.string().optional(),
    limit: pageLimit,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be after from',
  });

const time = z.iso.datetime();
export const ChangeAnswer = z.object({
  id: ChangeId,
  kind: Kind,
  state: State,
  labels: z.record(z.string(), z.string()),
  title: z.string(),
  link: z.string(),
  by: z.string(),
  startedAt: time,
  endedAt: time.nullable().describe('Null while it is under way.'),
  reports: z
    .array(z.object({ state: State, at: time, reportedBy: z.string(), reportedAt: time }))
    .describe('The states that were told, in their order.'),
});
