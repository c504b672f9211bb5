import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { destroyedKey, type KeyRing, lostKey, ringUnavailable, type WrappedKey, wrongKey } from './key-ring';
import {
  loadPkcs11,
  type Pkcs11Key,
  type Pkcs11Mechanism,
  type Pkcs11Module,
  type Pkcs11Sdk,
  type Pkcs11Session,
} from './pkcs11-sdk';
import { NONCE_BYTES, TAG_BYTES } from './wrapping';

export interface Pkcs11Address {
  /** The vendor's library. */
  readonly library: string;
  /** Label of the token. */
  readonly token: string;
  /** A file that holds the user's PIN: it is no part of an address, which is printed. */
  readonly pinFile: string;
}

/** Labels of keys on the token: this, a number that counts up, and what makes it unique. */
const LABEL = /^holdfast-(\d{6})-[0-9a-f-]{36}$/;
/** What is left of a key that was destroyed: a data object without a key, so that a lost one can be told from a destroyed one. */
const TOMB = 'holdfast-destroyed:';

/** Keys of a hardware security module, by PKCS #11. They are made in it and cannot be taken out; data keys go in and out to be wrapped. */
export class Pkcs11KeyRing implements KeyRing {
  readonly kind = 'pkcs11';

  private constructor(
    private readonly sdk: Pkcs11Sdk,
    private readonly module: Pkcs11Module,
    private readonly session: Pkcs11Session,
  ) {}

  /** Loads the vendor's library, opens the token and makes a first key where there is none. @throws DomainError `key_ring_unavailable` */
  static async open({ library, token, pinFile }: Pkcs11Address): Promise<Pkcs11KeyRing> {
    try {
      const sdk = await loadPkcs11();
      const module = sdk.Module.load(library, 'holdfast');
      module.initialize();
      const slots = module.getSlots(true);
      const slot = Array.from({ length: slots.length }, (_, at) => slots.items(at)).find(
        (one) => one.getToken().label.trim() === token,
      );
      if (!slot) throw new Error('no token has this label');
      const session = slot.open(sdk.SessionFlag.RW_SESSION | sdk.SessionFlag.SERIAL_SESSION);
      session.login(readFileSync(pinFile, 'utf8').trim());
      const ring = new Pkcs11KeyRing(sdk, module, session);
      if (ring.labels().length === 0) await ring.rotate();
      return ring;
    } catch (error) {
      throw ringUnavailable(error);
    }
  }

  async newest(): Promise<string> {
    const newest = this.labels().at(-1);
    if (newest === undefined) throw destroyedKey();
    return newest;
  }

  async wrap(dataKey: Buffer, context: string): Promise<WrappedKey> {
    const wrappedBy = await this.newest();
    const nonce = randomBytes(NONCE_BYTES);
    const key = this.find(wrappedBy)!;
    const sealed = this.guarded(() =>
      this.session.createCipher(this.gcm(nonce, context), key).once(dataKey, Buffer.alloc(dataKey.length + TAG_BYTES)),
    );
    return { wrappedBy, wrapped: Buffer.concat([nonce, sealed]).toString('base64') };
  }

  async unwrap({ wrappedBy, wrapped }: WrappedKey, context: string): Promise<Buffer> {
    const key = this.find(wrappedBy);
    if (!key) throw this.isDestroyed(wrappedBy) ? destroyedKey() : lostKey();
    const bytes = Buffer.from(wrapped, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    try {
      const sealed = bytes.subarray(NONCE_BYTES);
      return this.session.createDecipher(this.gcm(nonce, context), key).once(sealed, Buffer.alloc(sealed.length));
    } catch (error) {
      // Modules differ in how they say that a tag is wrong.
      if (/CKR_(ENCRYPTED_DATA|AEAD|GENERAL_ERROR|SIGNATURE|DATA)/.test(String(error))) throw wrongKey();
      throw ringUnavailable(error);
    }
  }

  async rotate(): Promise<string> {
    const number = Number(LABEL.exec(this.labels().at(-1) ?? '')?.[1] ?? 0) + 1;
    const label = `holdfast-${String(number).padStart(6, '0')}-${randomUUID()}`;
    this.guarded(() =>
      this.session.generateKey(this.sdk.KeyGenMechanism.AES, {
        class: this.sdk.ObjectClass.SECRET_KEY,
        ...{ token: true, private: true, sensitive: true, extractable: false, modifiable: false },
        ...{ encrypt: true, decrypt: true, valueLen: 32, label },
      }),
    );
    return label;
  }

  async destroy(id: string): Promise<void> {
    if (this.isDestroyed(id)) return;
    const key = this.find(id);
    if (!key) throw lostKey();
    this.guarded(() => {
      this.session.create({
        class: this.sdk.ObjectClass.DATA,
        ...{ token: true, private: true, label: `${TOMB}${id}`, value: Buffer.alloc(1) },
      });
      key.destroy();
    });
  }

  close(): void {
    this.session.logout();
    this.session.close();
    this.module.finalize();
  }

  /** Of all keys of ours that are there, in the order in which they were made. */
  private labels(): string[] {
    return this.guarded(() => {
      const found = this.session.find({ class: this.sdk.ObjectClass.SECRET_KEY });
      return Array.from({ length: found.length }, (_, at) => found.items(at).toType<Pkcs11Key>().label)
        .filter((label) => LABEL.test(label))
        .sort();
    });
  }

  private find(label: string): Pkcs11Key | undefined {
    return this.guarded(() => {
      const found = this.session.find({ class: this.sdk.ObjectClass.SECRET_KEY, label });
      return found.length === 0 ? undefined : found.items(0).toType<Pkcs11Key>();
    });
  }

  private isDestroyed(id: string): boolean {
    const template = { class: this.sdk.ObjectClass.DATA, label: `${TOMB}${id}` };
    return this.guarded(() => this.session.find(template).length > 0);
  }

  private gcm(nonce: Buffer, context: string): Pkcs11Mechanism {
    const params = new this.sdk.AesGcm240Params(nonce, Buffer.from(context), TAG_BYTES * 8);
    return { name: 'AES_GCM', params };
  }

  private guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw ringUnavailable(error);
    }
  }
}
