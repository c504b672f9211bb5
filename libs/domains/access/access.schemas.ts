import { parseInstant } from '@holdfast/kernel';
import { pageLimit, pageOf, type Principal } from '@holdfast/platform/http';
import { z } from 'zod';
import { KEY_ID } from './core/key';
import { ROLES, type Role } from './core/roles';

const instant = z
  .string()
  .max(40)
  .refine((text) => parseInstant(text) !== undefined, 'must be an RFC 3339 date-time')
  .meta({ format: 'date-time' });

/** An `@` is refused on purpose: ids stand in histories and logs, which hold no address of a person. */
const principalId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be 1 to 100 letters, digits, `.`, `_` or `-`');

export interface PrincipalRecord extends Principal {
  readonly roles: readonly Role[];
}
export const PrincipalSchema = z.strictObject({
  id: principalId,
  kind: z.enum(['person', 'machine']),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .max(ROLES.length)
    .transform((roles) => [...new Set(roles)].sort()),
}) satisfies z.ZodType<PrincipalRecord>;

export interface NewKey {
  readonly principal: PrincipalRecord;
  readonly expiresAt?: string | undefined;
}
export const NewKeySchema = z.strictObject({
  principal: PrincipalSchema,
  expiresAt: instant.optional(),
}) satisfies z.ZodType<NewKey>;

/** A key as people see it: everything but its secret. */
export interface KeyView {
  readonly id: string;
  readonly principal: PrincipalRecord;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string | undefined;
  readonly revokedAt?: string | undefined;
  readonly revokedBy?: string | undefined;
}
export const KeyViewSchema = z.strictObject({
  id: z.string(),
  principal: PrincipalSchema,
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: instant.optional(),
  revokedAt: instant.optional(),
  revokedBy: z.string().optional(),
}) satisfies z.ZodType<KeyView>;

/** The one time that a secret is shown. */
export interface CreatedKey extends KeyView {
  /** What to send as `Authorization: Bearer ...`. */
  readonly key: string;
}
export const CreatedKeySchema = KeyViewSchema.extend({ key: z.string() }) satisfies z.ZodType<CreatedKey>;

export const KeyPageSchema = pageOf(KeyViewSchema);
export const ListKeysSchema = z.strictObject({ limit: pageLimit, cursor: z.string().optional() });
export const KeyIdSchema = z.string().regex(KEY_ID, 'must be the id of a key');
