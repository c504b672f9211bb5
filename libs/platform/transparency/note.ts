import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

/** What a signature is: C2SP signed-note and tlog-cosignature. */
export const SIGNATURE_TYPE = { ed25519: 1, cosignature: 4 } as const;
type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

/** A note, a signature line or a key is not what C2SP signed-note says. The text names the fault and quotes nothing. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/** A key that checks signatures. `text` is its form for people: `<name>+<id>+<key>`. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of SHA-256 over name, type and key. */
  readonly id: number;
  readonly type: SignatureType;
  readonly key: KeyObject;
  readonly text: string;
}

export interface SignerKey extends VerifierKey {
  readonly secret: KeyObject;
}

/** One line below a note. */
export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  /** Without the id. */
  readonly bytes: Buffer;
}

export interface SignedNote {
  /** With its last line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** PKCS #8 and SPKI of Ed25519 without the 32 bytes of the key: RFC 8410. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
/** No key may have a blank or a plus sign in its name. */
const NAME = /^[^\s+]{1,200}$/u;

const idOf = (name: string, type: number, key: Buffer): number =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), key]), 'buffer').readUInt32BE(0);
const hex = (id: number): string => id.toString(16).padStart(8, '0');

function keyOf(name: string, type: SignatureType, raw: Buffer): VerifierKey {
  if (!NAME.test(name)) throw new NoteError('the name of a key is empty, or has a blank or a plus sign');
  const id = idOf(name, type, raw);
  const text = `${name}+${hex(id)}+${Buffer.concat([Buffer.from([type]), raw]).toString('base64')}`;
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' });
  return { name, id, type, key, text };
}

/** Reads `<name>+<id>+<key>`. @throws NoteError */
export function readVerifierKey(text: string): VerifierKey {
  const [, name, id, key] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(text) ?? [];
  const bytes = Buffer.from(key ?? '', 'base64');
  const type = bytes[0];
  if (name === undefined || bytes.length !== KEY_BYTES + 1 || bytes.toString('base64') !== key)
    throw new NoteError('a key is not <name>+<id>+<key>');
  if (type !== SIGNATURE_TYPE.ed25519 && type !== SIGNATURE_TYPE.cosignature)
    throw new NoteError('a key is neither Ed25519 nor one of a witness');
  const read = keyOf(name, type, bytes.subarray(1));
  if (hex(read.id) !== id) throw new NoteError('the id of a key is not that of its name and bytes');
  return read;
}

/** A key that signs, from the 32 bytes of its Ed25519 seed. @throws NoteError for a name that no key may have */
export function signerKey(name: string, seed: Buffer, type: SignatureType = SIGNATURE_TYPE.ed25519): SignerKey {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(secret).export({ format: 'jwk' });
  return { ...keyOf(name, type, Buffer.from(x!, 'base64url')), secret };
}

export const signatureLine = ({ name, id, bytes }: NoteSignature): string => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(id);
  return `\u2014 ${name} ${Buffer.concat([prefix, bytes]).toString('base64')}\n`;
};

/** @param text ends with a line feed @throws NoteError when it does not, or without a key */
export function signNote(text: string, keys: readonly SignerKey[]): string {
  if (!text.endsWith('\n') || keys.length === 0) throw new NoteError('a note ends with a line feed and has a signer');
  const lines = keys.map(({ name, id, secret }) =>
    signatureLine({ name, id, bytes: sign(null, Buffer.from(text), secret) }),
  );
  return `${text}\n${lines.join('')}`;
}

const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const MOST_SIGNATURES = 100;

/** Takes a note apart; checks no signature. @throws NoteError */
export function readNote(note: string): SignedNote {
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n') || !note.isWellFormed()) throw new NoteError('the note is malformed');
  const lines = note.slice(cut + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new NoteError('the note has too many signatures');
  return { text: note.slice(0, cut + 1), signatures: lines.map(readSignatureLine) };
}

/** @param line without its line feed @throws NoteError */
export function readSignatureLine(line: string): NoteSignature {
  const [, name, text] = LINE.exec(line) ?? [];
  const bytes = Buffer.from(text ?? '', 'base64');
  if (name === undefined || bytes.length < 5 || bytes.toString('base64') !== text)
    throw new NoteError('a signature line is malformed');
  return { name, id: bytes.readUInt32BE(0), bytes: bytes.subarray(4) };
}

/** Whether the note has a signature of the key that is right. One of its name and id that is wrong is never ignored. */
export function isSignedBy({ text, signatures }: SignedNote, key: VerifierKey): boolean {
  const own = signatures.filter(({ name, id }) => name === key.name && id === key.id);
  return own.length > 0 && own.every(({ bytes }) => isRight(text, key, bytes));
}

function isRight(text: string, { type, key }: VerifierKey, bytes: Buffer): boolean {
  if (type === SIGNATURE_TYPE.ed25519) return verify(null, Buffer.from(text), key, bytes);
  const found = readCosignature(bytes);
  return found !== undefined && verify(null, cosigned(text, found.time), key, found.signature);
}

/** What a witness signs: C2SP tlog-cosignature. @param time seconds since 1970 */
const cosigned = (text: string, time: number): Buffer => Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);

/** The parts of a co-signature; undefined when it is none. `time`: seconds since 1970. */
export function readCosignature(bytes: Buffer): { readonly time: number; readonly signature: Buffer } | undefined {
  if (bytes.length !== 72) return undefined;
  const time = Number(bytes.readBigUInt64BE(0));
  return Number.isSafeInteger(time) ? { time, signature: bytes.subarray(8) } : undefined;
}

/** The line by which a witness co-signs a checkpoint: C2SP tlog-cosignature. @param time seconds since 1970 */
export function cosign(text: string, key: SignerKey, time: number): string {
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const bytes = Buffer.concat([stamp, sign(null, cosigned(text, time), key.secret)]);
  return signatureLine({ name: key.name, id: key.id, bytes });
}
