import { Inject, Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { PrincipalRecord } from './access.schemas';
import { ROLES } from './core/roles';

const principalColumns = { kind: z.enum(['person', 'machine']), roles: z.array(z.enum(ROLES)) };

const findKey = typedQuery(
  'access/find_key',
  z.object({ id: z.string() }),
  z.object({
    id: z.string(),
    secret_hash: z.string(),
    expires_at: micros,
    revoked: z.boolean(),
    principal: z.string(),
    ...principalColumns,
  }),
);
const listKeys = typedQuery(
  'access/list_keys',
  z.object({ after_at: z.int(), after_id: z.string(), limit: z.int().max(1001) }),
  z.object({
    id: z.string(),
    principal: z.string(),
    ...principalColumns,
    created_at: micros,
    created_by: z.string(),
    expires_at: micros,
    revoked_at: micros,
    revoked_by: z.string(),
  }),
);
const findPrincipal = typedQuery(
  'access/find_principal',
  z.object({ id: z.string() }),
  z.object({ id: z.string(), ...principalColumns }),
);
const countPrincipals = typedQuery(
  'access/count_principals',
  z.object({}),
  z.object({ principals: z.coerce.number() }),
);
const listValidKeysOfRole = typedQuery(
  'access/list_valid_keys_of_role',
  z.object({ at: z.int(), role: z.enum(ROLES) }),
  z.object({ id: z.string(), principal: z.string() }),
);

const PrincipalRow = z.object({ id: z.string(), ...principalColumns, at: z.string(), by: z.string() });
const KeyRow = z.object({
  id: z.string(),
  event: z.enum(['created', 'revoked']),
  principal: z.string(),
  secret_hash: z.string(),
  expires_at: z.string(),
  at: z.string(),
  by: z.string(),
});

/** A key as the guard needs it. */
export interface StoredKey {
  readonly id: string;
  readonly secretHash: string;
  readonly expiresAt: Micros | undefined;
  readonly revoked: boolean;
  readonly principal: PrincipalRecord;
}

/** A key as people see it. */
export interface ListedKey {
  readonly id: string;
  readonly principal: PrincipalRecord;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly expiresAt: Micros | undefined;
  readonly revokedAt: Micros | undefined;
  readonly revokedBy: string;
}

export interface KeyToStore {
  readonly id: string;
  readonly principal: string;
  readonly secretHash: string;
  readonly expiresAt: Micros | undefined;
}

const unlessZero = (at: Micros): Micros | undefined => (at === 0 ? undefined : at);

/** The tables of principals and keys; nobody else reads or writes them. */
@Injectable()
export class AccessStore {
  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}

  async key(id: string): Promise<StoredKey | undefined> {
    const row = await this.clickhouse.row(findKey, { id });
    return (
      row && {
        id: row.id,
        secretHash: row.secret_hash,
        expiresAt: unlessZero(row.expires_at),
        revoked: row.revoked,
        principal: { id: row.principal, kind: row.kind, roles: row.roles },
      }
    );
  }

  /** Keys by creation. @param after the last one of the page before */
  async keys(after: { readonly at: Micros; readonly id: string } | undefined, limit: number): Promise<ListedKey[]> {
    const rows = await this.clickhouse.rows(listKeys, { after_at: after?.at ?? 0, after_id: after?.id ?? '', limit });
    return rows.map((row) => ({
      id: row.id,
      principal: { id: row.principal, kind: row.kind, roles: row.roles },
      createdAt: row.created_at,
      createdBy: row.created_by,
      expiresAt: unlessZero(row.expires_at),
      revokedAt: unlessZero(row.revoked_at),
      revokedBy: row.revoked_by,
    }));
  }

  principal(id: string): Promise<PrincipalRecord | undefined> {
    return this.clickhouse.row(findPrincipal, { id });
  }

  async hasPrincipals(): Promise<boolean> {
    return ((await this.clickhouse.row(countPrincipals, {}))?.principals ?? 0) > 0;
  }

  /** Keys that work at `at`, of principals that are administrators. */
  validAdminKeys(at: Micros): Promise<{ id: string; principal: string }[]> {
    return this.clickhouse.rows(listValidKeysOfRole, { at, role: 'admin' });
  }

  /** Adds a version. The same version again replaces itself. */
  async writePrincipal({ id, kind, roles }: PrincipalRecord, at: Micros, by: string): Promise<void> {
    await this.clickhouse.insert('principals', PrincipalRow, [
      { id, kind, roles: [...roles], at: formatInstant(at), by },
    ]);
  }

  /** Adds a key. The same key again replaces itself. */
  async writeKey(key: KeyToStore, at: Micros, by: string): Promise<void> {
    await this.clickhouse.insert('api_keys', KeyRow, [
      {
        id: key.id,
        event: 'created',
        principal: key.principal,
        secret_hash: key.secretHash,
        expires_at: formatInstant(key.expiresAt ?? 0),
        at: formatInstant(at),
        by,
      },
    ]);
  }

  async writeRevocation(id: string, at: Micros, by: string): Promise<void> {
    const nothing = { principal: '', secret_hash: '', expires_at: formatInstant(0) };
    await this.clickhouse.insert('api_keys', KeyRow, [{ id, event: 'revoked', ...nothing, at: formatInstant(at), by }]);
  }
}
