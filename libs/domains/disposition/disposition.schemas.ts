import { pageLimit } from '@holdfast/platform/http';
import { z } from 'zod';
import { LOT_KINDS } from './core/lot';
import { OUTCOME_STATES } from './run.store';

const text = z.string();
const time = text.describe('RFC 3339, UTC');

export const RunId = z
  .string()
  .regex(/^run-[\w:.-]{1,120}$/, 'must begin with run-')
  .meta({ example: 'run-0b1c2d3e4f506172' });
export const CertificateId = z
  .string()
  .regex(/^certificate-[\w:.-]{1,120}$/, 'must begin with certificate-')
  .meta({ example: 'certificate-0b1c2d3e4f506172' });
export const ListQuery = z.strictObject({ cursor: text.optional(), limit: pageLimit });
export const StartSchema = z.strictObject({
  dryRun: z.boolean().default(false).describe('Plans, and does nothing.'),
});
export const AnswerSchema = z.strictObject({
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .describe('Of the plan that is meant, as the run tells it.'),
});

export const StopSchema = z.strictObject({
  before: z
    .enum(['recheck', 'archive', 'verify', 'purge', 'purgeRelated', 'prove', 'certify'])
    .optional()
    .describe('The step to stop before; where it is, when nothing is said.'),
});

const counts = z.record(text, z.number());
const RunFacts = z.object({
  id: text,
  dryRun: z.boolean(),
  requestedBy: text,
  requestedAt: time,
  state: text.describe('running, waiting, stopped, stuck, undoing, done, undone, refused or lapsed'),
  asOf: text.nullable().describe('The day for which was counted.'),
  digest: text.nullable().describe('Names the plan.'),
});
export const RunAnswer = RunFacts;
const Lot = z.object({
  lot: z.int(),
  kind: z.enum(LOT_KINDS),
  partition: text,
  class: text,
  period: text,
  total: z.int().describe('Rows of the partition.'),
  rows: z.int().describe('Rows of it that go.'),
  bytes: z.int(),
  held: z.int().describe('Rows that would go, and are held.'),
  policies: z.array(text),
  retainUntil: time.nullable(),
  sample: z.array(z.record(text, text)),
  became: z
    .object({
      state: z.enum(OUTCOME_STATES),
      fault: text.nullable(),
      rows: z.int(),
      kept: z.int(),
      related: z.int(),
      proved: z.boolean(),
    })
    .nullable(),
});
export const RunDetailAnswer = RunFacts.extend({
  policies: z.array(text).describe('Policies that were in force when it was planned, as id@version.'),
  steps: z.array(
    z.object({
      step: text,
      says: text,
      state: text,
      since: time.nullable(),
      until: time.nullable(),
      by: text.nullable(),
      code: text.nullable(),
      counts,
    }),
  ),
  lots: z.array(Lot),
  certificate: text.nullable(),
});
export const CertificateAnswer = z.object({
  id: text,
  run: text,
  issuedAt: time,
  sequence: z.int().describe('Of the entry in the audit log.'),
  rowsGone: z.int(),
  rowsLeft: z.int(),
  requestedBy: text,
  authorisedBy: text,
});
export const CertificateDetailAnswer = CertificateAnswer.extend({
  certificate: z.record(text, z.unknown()).describe('What was signed: document, and its place in the audit log.'),
  signed: text.describe('JSON Web Signature, compact (RFC 7515); keys at /v1/statement-keys.'),
});
