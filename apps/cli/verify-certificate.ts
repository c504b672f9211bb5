import { createPublicKey, hash, type JsonWebKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readCheckpoint } from '@holdfast/platform/transparency/checkpoint';
import { leafHash, verifyInclusion } from '@holdfast/platform/transparency/merkle';
import { isSignedBy, readNote, readVerifierKey } from '@holdfast/platform/transparency/note';
import { CliError, EXIT, UsageError } from './exit';

/** What was found right about a certificate. */
export type CheckedCertificate = Readonly<Record<string, string | number>>;

interface Certificate {
  readonly document: {
    readonly certificate: string;
    readonly run: string;
    readonly authorisedBy: string;
    readonly totals: { readonly rowsGone: number };
  };
  readonly log: {
    readonly sequence: number;
    readonly salt: string;
    readonly entry: string;
    readonly size: number;
    readonly proof: readonly string[];
    readonly checkpoint: string;
  };
}
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)\s*$/;

/**
 * Checks a signed certificate without asking anybody: its signature (RFC 7515 with RFC 8037), that its entry of the audit log names it by its hash, that the entry is in the tree of the checkpoint
 * (RFC 9162, section 2.1.3.2), and that the log signed the checkpoint.
 * @param keysFile a JSON Web Key Set
 * @param logKey of the audit log (C2SP signed-note); without it nobody vouches for the checkpoint
 * @throws CliError that says what is wrong
 */
export function verifyCertificate(file: string, keysFile: string, logKey?: string): CheckedCertificate {
  const { document, log } = signedIn(textOf(file), keysIn(keysFile));
  const digest = hash('sha256', JSON.stringify(document));
  const entry = JSON.parse(log.entry) as { readonly digest: string; readonly subjectId: string; readonly at: string };
  if (entry.digest !== digest || entry.subjectId !== document.certificate)
    throw wrong('its entry of the audit log is about something else');
  const note = readNote(log.checkpoint);
  const { origin, size, root } = readCheckpoint(note.text);
  const commitment = hash('sha256', Buffer.concat([Buffer.from(log.salt, 'hex'), Buffer.from(log.entry)]), 'buffer');
  const proof = log.proof.map((one) => Buffer.from(one, 'base64'));
  if (size !== log.size || !verifyInclusion(leafHash(commitment), log.sequence, size, proof, root))
    throw wrong('its entry is not in the audit log that the checkpoint tells of');
  if (logKey !== undefined && !isSignedBy(note, readVerifierKey(logKey)))
    throw wrong('the audit log did not sign the checkpoint');
  return {
    ...{ certificate: document.certificate, run: document.run, 'authorised by': document.authorisedBy },
    ...{ 'rows gone': document.totals.rowsGone, signature: 'is good', 'audit log': origin, entry: log.sequence },
    'entered at': entry.at,
    checkpoint: logKey === undefined ? 'holds the entry; say --log-key to check who signed it' : 'is good',
  };
}

type NamedKey = JsonWebKey & { readonly kid: string };

function keysIn(file: string): readonly NamedKey[] {
  try {
    return (JSON.parse(textOf(file)) as { readonly keys: readonly NamedKey[] }).keys;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: must be a JSON Web Key Set`);
  }
}

function signedIn(text: string, keys: readonly NamedKey[]): Certificate {
  const [, head = '', payload = '', signature = ''] = COMPACT.exec(text) ?? [];
  if (signature === '') throw wrong('it is no signed certificate');
  const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string; alg: string };
  const key = keys.find((one) => one.kid === kid);
  if (!key || alg !== 'EdDSA') throw wrong('it was signed with a key that is not among the keys');
  const bytes = Buffer.from(signature, 'base64url');
  if (!verify(null, Buffer.from(`${head}.${payload}`), createPublicKey({ key, format: 'jwk' }), bytes))
    throw wrong('its signature is not good');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Certificate;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file}: cannot be read`);
  }
}

const wrong = (what: string): CliError => new CliError(`the certificate is not good: ${what}`, EXIT.no);
