import { DomainError, type Micros } from '@holdfast/kernel';

/** One version of an object, as the store has it. */
export interface ObjectHead {
  readonly key: string;
  readonly version: string;
  readonly bytes: number;
  readonly modifiedAt: Micros;
  /** Nobody may delete it before; undefined where nothing keeps it. */
  readonly retainUntil: Micros | undefined;
  readonly legalHold: boolean;
}

/** What was put and read back. */
export interface StoredObject {
  readonly key: string;
  readonly version: string;
  readonly bytes: number;
  /** SHA-256 of all bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Bytes [from, to). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Keeps objects: whole files under a name, never changed in place. A key that is put again has a further version; the same content again is the same version where
 * the store can tell. Keys are paths of a-z, A-Z, 0-9, `.`, `_`, `=` and `-`, joined by `/`.
 */
export interface ObjectStore {
  /** What of retention and legal holds the store itself enforces, also against its administrators. Where it is `nothing`, Holdfast alone heeds them. */
  readonly enforces: 'nothing' | 'retention';
  /**
   * Stores a stream. Believed only after it was read back whole; a store that was too late to say so is asked what it has.
   * @throws DomainError `unavailable`: `object_store_full`, `object_store_unavailable`, or `object_store_unfaithful` when it gives back something else; nothing half is left
   */
  put(key: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StoredObject>;
  /** The newest version, or the one that is named; undefined where there is none. @throws DomainError `unavailable` */
  head(key: string, version?: string): Promise<ObjectHead | undefined>;
  /** @throws DomainError `object_missing`, `unavailable` */
  read(key: string, options?: { readonly version?: string; readonly range?: ByteRange }): AsyncIterable<Buffer>;
  /** The newest version of every key that begins so, by key. */
  list(prefix: string): AsyncIterable<ObjectHead>;
  /** Every version of a key, the newest first. */
  versions(key: string): Promise<ObjectHead[]>;
  /** Takes a version away; one that is not there is no error. @throws DomainError `object_locked` while its retention or a legal hold keeps it */
  delete(key: string, version: string): Promise<void>;
  /** Keeps a version until then. A time that is kept can be moved further away, never closer. @throws DomainError `object_locked`, `object_missing` */
  retainUntil(key: string, version: string, until: Micros): Promise<void>;
  /** @throws DomainError `object_missing` */
  holdLegally(key: string, version: string, held: boolean): Promise<void>;
  close(): void;
}

const KEY = /^[\w.=-]+(\/[\w.=-]+)*$/;

/** Names come from Holdfast: one that could leave the store's place is a fault. @throws RangeError */
export function checkKey(key: string): void {
  if (key.length > 500 || !KEY.test(key) || key.split('/').some((part) => /^\.+$/.test(part)))
    throw new RangeError('not a key of an object');
}

export const missing = (): DomainError =>
  new DomainError('not_found', 'object_missing', 'the store has no such object');
export const locked = (): DomainError =>
  new DomainError('conflict', 'object_locked', 'the store keeps the object: its retention is not over, or it is held');
export const full = (): DomainError =>
  new DomainError('unavailable', 'object_store_full', 'the store of archives is full; nothing of the object is left', {
    retryAfterSeconds: 60,
  });
export const unavailable = (cause: unknown): DomainError => {
  const error = new DomainError(
    'unavailable',
    'object_store_unavailable',
    'the store of archives does not answer now',
    { retryAfterSeconds: 5 },
  );
  error.cause = cause;
  return error;
};
export const unfaithful = (): DomainError =>
  new DomainError(
    'unavailable',
    'object_store_unfaithful',
    'the store of archives said that it had stored an object, and does not give it back as it was',
  );
