import { DomainError } from '@holdfast/kernel';

/** A data key as it may be stored. */
export interface WrappedKey {
  /** The key of the ring that wraps it. */
  readonly wrappedBy: string;
  /** In base 64. */
  readonly wrapped: string;
}

/** Wraps data keys by keys that never leave it. */
export interface KeyRing {
  readonly kind: 'local' | 'pkcs11' | 'kms';
  /** The key that wraps now. @throws DomainError `key_ring_unavailable` */
  newest(): Promise<string>;
  /** @param dataKey 32 bytes @param context what the data key is for: it is unwrapped under the same text alone @throws DomainError `key_ring_unavailable` */
  wrap(dataKey: Buffer, context: string): Promise<WrappedKey>;
  /** @throws DomainError `wrong_key`, `lost_key`, `destroyed_key`, `key_ring_unavailable` */
  unwrap(wrapped: WrappedKey, context: string): Promise<Buffer>;
  /** Has a new key wrap from now on; older ones still unwrap. @returns its id @throws DomainError `key_ring_unavailable` */
  rotate(): Promise<string>;
  /** Takes a key out of the ring for ever. What it wraps and nothing else does is lost. A repeat does nothing. @throws DomainError `lost_key`, `key_ring_unavailable` */
  destroy(id: string): Promise<void>;
  close(): void;
}

export const wrongKey = (): DomainError =>
  new DomainError('conflict', 'wrong_key', 'the key ring has a key of this name, and it is not the one that wrapped');
export const lostKey = (): DomainError =>
  new DomainError('conflict', 'lost_key', 'the key ring has no key of the name that wrapped');
export const destroyedKey = (): DomainError =>
  new DomainError('conflict', 'destroyed_key', 'the key that wrapped was destroyed');
export const ringUnavailable = (cause: unknown): DomainError => {
  const error = new DomainError('unavailable', 'key_ring_unavailable', 'the key ring does not answer now', {
    retryAfterSeconds: 5,
  });
  error.cause = cause;
  return error;
};
