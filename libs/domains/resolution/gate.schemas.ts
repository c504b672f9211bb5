import { ProcessId } from '@holdfast/domains/catalog/catalog.schemas';
import { isTimeZone } from '@holdfast/platform/calendar';
import { z } from 'zod';
import type { GateDefinition } from './core/gate';
import { DocumentId } from './rule.schemas';

/** What `PUT /v1/reporting-gates/definitions/{id}` takes. */
export const GateSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  processes: z
    .array(ProcessId)
    .min(1)
    .max(100)
    .refine((ids) => new Set(ids).size === ids.length, 'processes must differ'),
  period: z.enum(['day', 'month', 'quarter']),
  zone: z
    .string()
    .max(100)
    .refine(isTimeZone, 'must be a time zone of IANA, such as Europe/Berlin')
    .default('UTC')
    .describe('Where a day begins.'),
  tolerance: z
    .strictObject({
      openDiscrepancies: z.int().min(0).max(1e12).default(0).describe('Of all windows of the period together.'),
      unjudgedSeconds: z
        .int()
        .min(0)
        .max(92 * 86_400)
        .default(0)
        .describe('Of each process.'),
    })
    .default({ openDiscrepancies: 0, unjudgedSeconds: 0 }),
  ignored: z.enum(['stands_against', 'allowed']).default('stands_against'),
  cancelled: z.enum(['stands_against', 'allowed']).default('stands_against'),
}) satisfies z.ZodType<GateDefinition>;

export const GateAnswer = GateSchema.extend({
  id: DocumentId,
  version: z.int(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
});

const first = z.array(z.string()).describe('The first 100 windows.');
const Against = z.object({
  process: z.string(),
  windows: z.int().describe('Windows that share time with the period.'),
  undecided: z.object({ windows: z.int(), first }),
  cancelled: z.object({ windows: z.int(), first }),
  open: z.object({ windows: z.int(), discrepancies: z.int(), first }),
  ignored: z.object({ windows: z.int(), discrepancies: z.int(), first }),
  unjudged: z
    .object({
      seconds: z.number(),
      spans: z.int(),
      first: z.array(z.object({ from: z.string(), to: z.string() })),
    })
    .describe('Time that no window covers.'),
});
const GateState = z.object({
  gate: z.string(),
  version: z.int(),
  open: z.boolean(),
  from: z.string(),
  to: z.string(),
  against: z.array(Against),
});
export const PeriodAnswer = z.object({
  period: z.string(),
  open: z.boolean().describe('Whether every gate of the period is open.'),
  gates: z.array(GateState),
});
export const PeriodQuery = z.strictObject({ gate: DocumentId.optional() });

export const StatementSchema = z.strictObject({ gate: DocumentId });
export const StatementAnswer = z.object({
  id: z.string(),
  gate: z.string(),
  gateVersion: z.int(),
  period: z.string(),
  issuedBy: z.string(),
  issuedAt: z.string(),
  state: z.enum(['valid', 'superseded']),
  supersededBy: z
    .object({ windows: z.int(), first: z.array(z.object({ reconciliation: z.string(), revision: z.int() })) })
    .nullable()
    .describe('Later revisions with more open discrepancies than were stated.'),
  signature: z
    .string()
    .describe('JSON Web Signature, compact, of what is stated (EdDSA; keys: GET /v1/statement-keys).'),
});
export const StatedWindow = z.object({ reconciliation: z.string(), revision: z.int(), open: z.int() });
export const KeysAnswer = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      use: z.literal('sig'),
      alg: z.literal('EdDSA'),
    }),
  ),
});
