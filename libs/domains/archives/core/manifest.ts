import { formatInstant, type Micros, microsOf } from '@holdfast/kernel';
import type { Bounds } from './archive';
import type { Canonical } from './canonical-json';
import { SCHEMA } from './columns';

export const FORMAT = 'holdfast archive 1';

/** An object of an archive: a sealed Parquet file. Sums of hashes are texts: they have 64 bits. */
export interface ManifestObject {
  readonly number: number;
  readonly object: string;
  readonly version: string;
  readonly rows: number;
  readonly hash: string;
  readonly plainBytes: number;
  readonly plainSha256: string;
  readonly sealedBytes: number;
  readonly sealedSha256: string;
  readonly bounds: Bounds;
}

/** What an archive says of itself. */
export interface Manifest {
  readonly archive: string;
  readonly class: string;
  readonly period: string;
  readonly policy: string;
  readonly policyVersion: number;
  readonly keyId: string;
  readonly keyFingerprint: string;
  readonly rows: number;
  readonly hash: string;
  readonly objects: readonly ManifestObject[];
  readonly writtenAt: Micros;
}

/** Wrapping sum of 64 bits. */
export const sumOfHashes = (hashes: readonly string[]): string =>
  BigInt.asUintN(
    64,
    hashes.reduce((sum, hash) => sum + BigInt(hash), 0n),
  ).toString();

/** Where things of an archive are in the store. */
export const manifestName = (archive: string): string => `archives/${archive}/manifest.jws`;
export const keyName = (keyId: string): string => `keys/${keyId}.json`;
/** What an object is sealed as: it opens as this one alone. */
export const sealContext = (archive: string, number: number): string => `holdfast archive ${archive} object ${number}`;
/** What a key is wrapped for. */
export const keyContext = (keyId: string): string => `holdfast archive key ${keyId}`;

const times = ([from, to]: readonly [Micros, Micros]) => [formatInstant(from), formatInstant(to)];

/** As it is signed. */
export const manifestDocument = ({ objects, writtenAt, ...known }: Manifest): Canonical => ({
  format: FORMAT,
  ...known,
  writtenAt: formatInstant(writtenAt),
  compression: 'zstd',
  sealing: 'holdfast sealed stream 1',
  schema: SCHEMA,
  objects: objects.map(({ bounds, ...object }) => ({
    ...object,
    bounds: {
      process: bounds.process,
      key: bounds.key,
      originAt: times(bounds.originAt),
      occurredAt: times(bounds.occurredAt),
      receivedAt: times(bounds.receivedAt),
    },
  })),
});

type Pair = readonly [string, string];
interface Signed extends Omit<Manifest, 'objects' | 'writtenAt'> {
  readonly format: string;
  readonly writtenAt: string;
  readonly objects: readonly (Omit<ManifestObject, 'bounds'> & {
    readonly bounds: Readonly<Record<keyof Bounds, Pair>>;
  })[];
}

/** Of a document whose signature was verified: it says what {@link manifestDocument} wrote. @returns undefined for another format */
export function manifestOf(document: unknown): Manifest | undefined {
  const signed = document as Signed;
  if (signed.format !== FORMAT) return undefined;
  const instants = ([from, to]: Pair): [Micros, Micros] => [microsOf(from), microsOf(to)];
  return {
    ...{ archive: signed.archive, class: signed.class, period: signed.period },
    ...{ policy: signed.policy, policyVersion: signed.policyVersion },
    ...{ keyId: signed.keyId, keyFingerprint: signed.keyFingerprint },
    ...{ rows: signed.rows, hash: signed.hash, writtenAt: microsOf(signed.writtenAt) },
    objects: signed.objects.map(({ bounds, ...object }) => ({
      ...object,
      bounds: {
        process: bounds.process,
        key: bounds.key,
        originAt: instants(bounds.originAt),
        occurredAt: instants(bounds.occurredAt),
        receivedAt: instants(bounds.receivedAt),
      },
    })),
  };
}
