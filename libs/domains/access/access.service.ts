import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, formatInstant, invalid, microsOf, type Micros } from '@holdfast/kernel';
import { cursorOf, paginate, type Page, type Principal } from '@holdfast/platform/http';
import { z } from 'zod';
import type { CreatedKey, KeyView, NewKey, PrincipalRecord } from './access.schemas';
import { AccessStore, type ListedKey } from './access.store';
import { formatKey, keysLeft, type KeyText } from './core/key';
import { KeyAuthenticator } from './key-authenticator';

const keyCursor = cursorOf('keys', z.tuple([z.int(), z.string()]));
const now = (): Micros => Date.now() * 1000;

export const secretHashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
export const newKey = (): KeyText => ({
  id: randomBytes(10).toString('hex'),
  secret: randomBytes(32).toString('base64url'),
});

/** What the API and the CLI may ask of access: principals and their keys. */
@Injectable()
export class AccessService {
  /** Changes of one process, one after the other: "is this the last key?" and what follows from it must not interleave. */
  private changes: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(AccessStore) private readonly store: AccessStore,
    @Inject(KeyAuthenticator) private readonly authenticator: KeyAuthenticator,
  ) {}

  /**
   * Makes a key. A principal that is new is created; one that exists gets the roles given, with effect on all its keys.
   * @throws DomainError `invalid` expiry_in_the_past; `conflict` principal_kind_fixed, last_admin_key
   */
  createKey(wanted: NewKey, by: Principal): Promise<CreatedKey> {
    return this.inTurn(async () => {
      const at = now();
      const expiresAt = wanted.expiresAt === undefined ? undefined : microsOf(wanted.expiresAt);
      if (expiresAt !== undefined && expiresAt <= at)
        throw invalid('expiry_in_the_past', 'the key would have expired already', [
          { field: 'expiresAt', reason: 'must be in the future' },
        ]);
      await this.settlePrincipal(wanted.principal, at, by.id);
      const key = newKey();
      const { principal } = wanted;
      const stored = { id: key.id, principal: principal.id, secretHash: secretHashOf(key.secret), expiresAt };
      await this.store.writeKey(stored, at, by.id);
      const listed = { id: key.id, principal, createdAt: at, createdBy: by.id, expiresAt };
      return { ...viewOf({ ...listed, revokedAt: undefined, revokedBy: '' }), key: formatKey(key) };
    });
  }

  async listKeys(limit: number, cursor: string | undefined): Promise<Page<KeyView>> {
    const place = cursor === undefined ? undefined : keyCursor.decode(cursor);
    const rows = await this.store.keys(place && { at: place[0], id: place[1] }, limit + 1);
    const { items, ...rest } = paginate(rows, limit, keyCursor, ({ createdAt, id }) => [createdAt, id]);
    return { items: items.map(viewOf), ...rest };
  }

  /**
   * Takes a key back: at once in this process, within {@link BELIEVED_MS} in others. A key that is revoked already stays as it is.
   * @throws DomainError `not_found` no_such_key; `conflict` last_admin_key
   */
  revokeKey(id: string, by: Principal): Promise<void> {
    return this.inTurn(async () => {
      const key = await this.store.key(id);
      if (!key) throw new DomainError('not_found', 'no_such_key', 'there is no key of this id');
      if (key.revoked) return;
      if (key.principal.roles.includes('admin')) await this.refuseLockout((one) => one.id === id);
      await this.store.writeRevocation(id, now(), by.id);
      this.authenticator.forget((one) => one.id === id);
    });
  }

  private async settlePrincipal(wanted: PrincipalRecord, at: Micros, by: string): Promise<void> {
    const known = await this.store.principal(wanted.id);
    if (known && known.kind !== wanted.kind)
      throw new DomainError('conflict', 'principal_kind_fixed', 'this principal is of the other kind', {
        extra: { kind: known.kind },
      });
    if (known?.roles.join() === wanted.roles.join()) return;
    if (known?.roles.includes('admin') && !wanted.roles.includes('admin'))
      await this.refuseLockout((one) => one.principal === wanted.id);
    await this.store.writePrincipal(wanted, at, by);
    this.authenticator.forget((one) => one.principal.id === wanted.id);
  }

  private async refuseLockout(taken: (key: { id: string; principal: string }) => boolean): Promise<void> {
    const valid = await this.store.validAdminKeys(now());
    if (keysLeft(valid, taken).length === 0 && valid.length > 0)
      throw new DomainError('conflict', 'last_admin_key', 'no administrator would be left; make another key first');
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.changes.then(change, change);
    this.changes = turn.catch(() => undefined);
    return turn;
  }
}

function viewOf(key: ListedKey): KeyView {
  const { id, principal, createdBy } = key;
  return {
    id,
    principal,
    createdAt: formatInstant(key.createdAt),
    createdBy,
    ...(key.expiresAt !== undefined && { expiresAt: formatInstant(key.expiresAt) }),
    ...(key.revokedAt !== undefined && { revokedAt: formatInstant(key.revokedAt), revokedBy: key.revokedBy }),
  };
}
