/** What is used of graphene-pk11, which is there only where its native part could be built: nothing that is compiled may need it. */
export interface Pkcs11Sdk {
  readonly Module: { load(library: string, name: string): Pkcs11Module };
  readonly SessionFlag: { readonly RW_SESSION: number; readonly SERIAL_SESSION: number };
  readonly KeyGenMechanism: { readonly AES: number };
  readonly ObjectClass: { readonly SECRET_KEY: number; readonly DATA: number };
  readonly AesGcm240Params: new (nonce: Buffer, additionalData: Buffer, tagBits: number) => object;
}

interface Items<T> {
  readonly length: number;
  items(at: number): T;
}

export interface Pkcs11Module {
  initialize(): void;
  finalize(): void;
  getSlots(withToken: boolean): Items<Pkcs11Slot>;
}

interface Pkcs11Slot {
  getToken(): { readonly label: string };
  open(flags: number): Pkcs11Session;
}

export interface Pkcs11Session {
  login(pin: string): void;
  logout(): void;
  close(): void;
  find(template: object): Items<{ toType<T>(): T }>;
  create(template: object): unknown;
  generateKey(mechanism: number, template: object): unknown;
  createCipher(mechanism: Pkcs11Mechanism, key: Pkcs11Key): Pkcs11Cipher;
  createDecipher(mechanism: Pkcs11Mechanism, key: Pkcs11Key): Pkcs11Cipher;
}

export interface Pkcs11Mechanism {
  readonly name: string;
  readonly params: object;
}

interface Pkcs11Cipher {
  once(input: Buffer, output: Buffer): Buffer;
}

export interface Pkcs11Key {
  readonly label: string;
  destroy(): void;
}

/** Not by its name in the source: types of what may be missing would be missing too. */
const PACKAGE: string = 'graphene-pk11';

/** @throws where it is not installed */
export const loadPkcs11 = async (): Promise<Pkcs11Sdk> => (await import(PACKAGE)) as Pkcs11Sdk;
