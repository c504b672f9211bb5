import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import type { Admission, Authenticator } from '@holdfast/platform/http';
import { AccessStore, type StoredKey } from './access.store';
import { isExpired, parseKey } from './core/key';
import { permissionsOf } from './core/roles';
import { KeyCache } from './key-cache';

/** Admits who shows a key that works. */
@Injectable()
export class KeyAuthenticator implements Authenticator {
  private readonly cache: KeyCache;

  constructor(@Inject(AccessStore) store: AccessStore) {
    this.cache = new KeyCache(
      (id) => store.key(id),
      () => performance.now(),
    );
  }

  async authenticate(text: string): Promise<Admission> {
    const shown = parseKey(text);
    const stored = shown && (await this.cache.get(shown.id));
    // That a key of this id exists, was revoked or has expired is told to nobody but who has its secret.
    if (!shown || !stored || !isSecretOf(stored, shown.secret))
      throw new DomainError('unauthenticated', 'key_invalid', 'this is not a key of this installation');
    if (stored.revoked) throw new DomainError('unauthenticated', 'key_revoked', 'this key was revoked');
    if (isExpired(stored.expiresAt, Date.now() * 1000))
      throw new DomainError('unauthenticated', 'key_expired', 'this key has expired');
    return { principal: stored.principal, permissions: permissionsOf(stored.principal.roles) };
  }

  /** What this process has changed takes effect at once. */
  forget(matches: (key: StoredKey) => boolean): void {
    this.cache.forget(matches);
  }
}

/** Compares digests in constant time; a secret of 256 random bits needs no slow hash. */
function isSecretOf(key: StoredKey, secret: string): boolean {
  const shown = createHash('sha256').update(secret).digest();
  const stored = Buffer.from(key.secretHash, 'hex');
  return shown.length === stored.length && timingSafeEqual(shown, stored);
}
