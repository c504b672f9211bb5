import type { LotKind } from './lot';

export const CERTIFICATE_FORMAT = 'holdfast certificate of disposition 1';

/** One partition, or one archive, as a certificate tells it. */
export interface CertifiedLot {
  readonly lot: number;
  readonly kind: LotKind;
  /** What it was kept on: NIST SP 800-88r2 asks for kind and identifier of the media. */
  readonly media: { readonly type: 'database partition' | 'archive'; readonly id: string };
  /** Confidentiality of what was on it: the retention class. */
  readonly class: string;
  readonly period: string;
  /** `id@version` of the policies by which it went. */
  readonly policies: readonly string[];
  readonly rowsBefore: number;
  readonly rowsGone: number;
  readonly rowsLeft: number;
  /** Of those that are left, at the last moment. */
  readonly rowsHeld: number;
  /** Names the holds as they were then. */
  readonly holds: string;
  readonly relatedRowsGone: number;
  readonly outcome: 'gone' | 'left';
  /** Why it was left. */
  readonly reason: string | null;
  /** Whether the engine was seen without its bytes. */
  readonly proved: boolean;
  /** Where it is to be found now, if anywhere. */
  readonly archive: string | null;
}

/** The fields of a certificate of sanitization after NIST SP 800-88r2, appendix C, as far as software has them, and what went, why, by whom. */
export interface CertificateDocument {
  readonly format: typeof CERTIFICATE_FORMAT;
  readonly certificate: string;
  readonly run: string;
  readonly issuedAt: string;
  readonly requestedBy: string;
  readonly authorisedBy: string;
  readonly authorisedAt: string;
  /** Names the plan that was approved. */
  readonly planDigest: string;
  /** Policies that were in force, as `id@version`. */
  readonly policies: readonly string[];
  readonly sanitization: {
    /** In the terms of NIST SP 800-88r2. */
    readonly method: 'clear';
    readonly technique: string;
    readonly tool: string;
    readonly toolVersion: string;
    readonly verification: string;
  };
  readonly holdCheck: { readonly rowsHeld: number };
  readonly lots: readonly CertifiedLot[];
  readonly totals: { readonly rowsBefore: number; readonly rowsGone: number; readonly rowsLeft: number };
  /** What somebody has to know who relies on it. */
  readonly exceptions: readonly string[];
}

/** The place of a certificate in the audit log: enough to check it without anybody. */
export interface LogProof {
  readonly sequence: number;
  /** What the leaf is made of: SHA-256(0x00 || SHA-256(salt || entry)). */
  readonly salt: string;
  readonly entry: string;
  readonly size: number;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

/** What is signed. The entry's digest is the SHA-256 of the document as JSON. */
export interface SignedCertificate {
  readonly document: CertificateDocument;
  readonly log: LogProof;
}

/** Holds of everything that is told of every run. */
export const STANDING_EXCEPTIONS: readonly string[] = [
  'Keyed hashes of the identities of events stay, so that nothing is taken in twice; nobody reads an event out of them.',
  'Keys stay where people named them: in acceptances and in replays of a window.',
  'Copies of the disk that were made outside of Holdfast are not reached.',
];
