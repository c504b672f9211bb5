import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-s3';
import type { Micros } from '@holdfast/kernel';
import {
  type ByteRange,
  checkKey,
  full,
  locked,
  missing,
  type ObjectHead,
  type ObjectStore,
  type StoredObject,
  unavailable,
} from './object-store';
import { Measured, readBack } from './read-back';

/** Where a bucket is. Credentials come from where the vendor's tools have them: environment, profile, role of the machine. */
export interface S3Address {
  readonly bucket: string;
  /** Before every key, '' or ending in `/`. */
  readonly prefix: string;
  /** Of another vendor than Amazon; undefined for Amazon's. */
  readonly endpoint?: string | undefined;
  readonly region: string;
}

/** A part of an upload: held in memory until the store has it. S3 takes 10,000 of them, the smallest of 5 MiB. */
const PART_BYTES = 16 * 1024 * 1024;
const MOST_PARTS = 10_000;
const TIMES = { requestTimeout: 60_000, connectionTimeout: 10_000 };

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const microsOf = (date: Date | undefined): Micros => (date?.getTime() ?? 0) * 1000;
const isGone = (error: unknown): boolean =>
  statusOf(error) === 404 || ['NoSuchKey', 'NotFound', 'NoSuchVersion'].includes(nameOf(error));

/**
 * Objects in a bucket of a store that speaks S3. The bucket has versions; where it has object locks, too, retention is in COMPLIANCE mode: nobody takes an object
 * away before its time, its owner included.
 */
export class S3Store implements ObjectStore {
  private constructor(
    private readonly s3: typeof sdk,
    private readonly client: sdk.S3Client,
    private readonly address: S3Address,
    readonly enforces: 'nothing' | 'retention',
  ) {}

  /** Loads the client, and asks the bucket what it enforces. @throws DomainError `unavailable` when it cannot be reached */
  static async open(address: S3Address): Promise<S3Store> {
    const s3 = await import('@aws-sdk/client-s3');
    const { endpoint, region, bucket } = address;
    const client = new s3.S3Client({
      region,
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      maxAttempts: 3,
      requestHandler: TIMES,
      // Parts bear a SHA-256 each; other vendors do not know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    let enforces: 'nothing' | 'retention' = 'nothing';
    try {
      const found = await client.send(new s3.GetObjectLockConfigurationCommand({ Bucket: bucket }));
      if (found.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled') enforces = 'retention';
    } catch (error) {
      if (nameOf(error) !== 'ObjectLockConfigurationNotFoundError') {
        client.destroy();
        throw understood(error);
      }
    }
    return new S3Store(s3, client, address, enforces);
  }

  async put(key: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StoredObject> {
    checkKey(key);
    const measured = new Measured();
    const parts = partsOf(measured.pass(content));
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    let version: string | undefined;
    let lost: unknown;
    try {
      version = second.done
        ? await this.putWhole(key, first.done ? Buffer.alloc(0) : first.value, signal)
        : await this.putInParts(key, [first.value as Buffer, second.value], parts, signal);
    } catch (error) {
      // It may have stored the object and been too late to say so: it is asked.
      if (statusOf(error) !== undefined && statusOf(error)! < 500) throw understood(error);
      lost = error;
    }
    const put = { bytes: measured.bytes, sha256: measured.sha256() };
    try {
      return await readBack(this, key, version, put);
    } catch (error) {
      throw understood(lost ?? error);
    }
  }

  async head(key: string, version?: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    try {
      const found = await this.client.send(new this.s3.HeadObjectCommand(this.named(key, version)));
      return {
        ...{ key, version: found.VersionId ?? 'null', bytes: found.ContentLength ?? 0 },
        modifiedAt: microsOf(found.LastModified),
        retainUntil: found.ObjectLockRetainUntilDate && microsOf(found.ObjectLockRetainUntilDate),
        legalHold: found.ObjectLockLegalHoldStatus === 'ON',
      };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw understood(error);
    }
  }

  async *read(
    key: string,
    { version, range }: { readonly version?: string; readonly range?: ByteRange } = {},
  ): AsyncGenerator<Buffer> {
    checkKey(key);
    if (range && range.to <= range.from) return;
    const Range = range && `bytes=${range.from}-${range.to - 1}`;
    try {
      const { Body } = await this.client.send(
        new this.s3.GetObjectCommand({ ...this.named(key, version), ...(Range !== undefined && { Range }) }),
      );
      for await (const piece of Body as AsyncIterable<Uint8Array>)
        yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    } catch (error) {
      if (isGone(error)) throw missing();
      throw understood(error);
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectHead> {
    const pages = this.s3.paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.address.bucket, Prefix: this.address.prefix + prefix },
    );
    try {
      for await (const { Contents } of pages)
        for (const { Key } of Contents ?? []) {
          const head = await this.head(this.ownKey(Key!));
          if (head) yield head;
        }
    } catch (error) {
      throw understood(error);
    }
  }

  async versions(key: string): Promise<ObjectHead[]> {
    checkKey(key);
    const of = { Bucket: this.address.bucket, Prefix: this.address.prefix + key };
    const found: (ObjectHead | undefined)[] = [];
    let place: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    try {
      while (place) {
        const page: sdk.ListObjectVersionsCommandOutput = await this.client.send(
          new this.s3.ListObjectVersionsCommand({ ...of, ...place }),
        );
        for (const { Key, VersionId } of page.Versions ?? [])
          if (Key === of.Prefix) found.push(await this.head(key, VersionId));
        const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
        place = IsTruncated ? { KeyMarker, VersionIdMarker } : undefined;
      }
    } catch (error) {
      throw understood(error);
    }
    return found.filter((head) => head !== undefined);
  }

  async delete(key: string, version: string): Promise<void> {
    checkKey(key);
    try {
      await this.client.send(new this.s3.DeleteObjectCommand(this.named(key, version)));
    } catch (error) {
      if (isGone(error)) return;
      throw statusOf(error) === 403 || nameOf(error) === 'ObjectLocked' ? locked() : understood(error);
    }
  }

  async retainUntil(key: string, version: string, until: Micros): Promise<void> {
    checkKey(key);
    const head = await this.head(key, version);
    if (!head) throw missing();
    if ((head.retainUntil ?? 0) > until) throw locked();
    const RetainUntilDate = new Date(Math.ceil(until / 1_000_000) * 1000); // stores keep whole seconds
    try {
      await this.client.send(
        new this.s3.PutObjectRetentionCommand({
          ...this.named(key, version),
          Retention: { Mode: 'COMPLIANCE', RetainUntilDate },
        }),
      );
    } catch (error) {
      throw statusOf(error) === 403 ? locked() : understood(error);
    }
  }

  async holdLegally(key: string, version: string, held: boolean): Promise<void> {
    checkKey(key);
    try {
      await this.client.send(
        new this.s3.PutObjectLegalHoldCommand({
          ...this.named(key, version),
          LegalHold: { Status: held ? 'ON' : 'OFF' },
        }),
      );
    } catch (error) {
      if (isGone(error)) throw missing();
      throw understood(error);
    }
  }

  close(): void {
    this.client.destroy();
  }

  private named(key: string, version?: string) {
    const Key = this.address.prefix + key;
    return { Bucket: this.address.bucket, Key, ...(version !== undefined && { VersionId: version }) };
  }

  private ownKey(key: string): string {
    return key.slice(this.address.prefix.length);
  }

  private async putWhole(key: string, Body: Buffer, signal?: AbortSignal): Promise<string | undefined> {
    const put = new this.s3.PutObjectCommand({ ...this.named(key), Body, ChecksumSHA256: checksumOf(Body) });
    return (await this.client.send(put, signaled(signal))).VersionId;
  }

  /** Part after part, so that two of them are in memory at most; an upload that fails leaves none. */
  private async putInParts(
    key: string,
    held: Buffer[],
    rest: AsyncGenerator<Buffer>,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const named = this.named(key);
    const begun = await this.client.send(
      new this.s3.CreateMultipartUploadCommand({ ...named, ChecksumAlgorithm: 'SHA256' }),
      signaled(signal),
    );
    const UploadId = begun.UploadId!;
    const Parts: sdk.CompletedPart[] = [];
    const send = async (Body: Buffer): Promise<void> => {
      const PartNumber = Parts.length + 1;
      if (PartNumber > MOST_PARTS) throw new RangeError('an object is larger than a store of this kind takes');
      const ChecksumSHA256 = checksumOf(Body);
      const part = new this.s3.UploadPartCommand({ ...named, UploadId, PartNumber, Body, ChecksumSHA256 });
      const { ETag } = await this.client.send(part, signaled(signal));
      Parts.push({ PartNumber, ChecksumSHA256, ...(ETag !== undefined && { ETag }) });
    };
    try {
      for (let part = held.shift(); part; part = held.shift()) await send(part);
      for await (const part of rest) await send(part);
    } catch (error) {
      const abort = new this.s3.AbortMultipartUploadCommand({ ...named, UploadId });
      await this.client.send(abort).catch(() => undefined); // the store forgets it by a rule of its own then
      throw error;
    }
    const complete = new this.s3.CompleteMultipartUploadCommand({ ...named, UploadId, MultipartUpload: { Parts } });
    return (await this.client.send(complete, signaled(signal))).VersionId;
  }
}

const signaled = (abortSignal: AbortSignal | undefined) => (abortSignal ? { abortSignal } : {});
const checksumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');

/** Pieces joined to parts of one size, the last one smaller. */
async function* partsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [held, size]: [Buffer[], number] = [[], 0];
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    while (size >= PART_BYTES) {
      const all = Buffer.concat(held);
      yield all.subarray(0, PART_BYTES);
      held = [all.subarray(PART_BYTES)];
      size -= PART_BYTES;
    }
  }
  if (size > 0) yield Buffer.concat(held);
}

/** What a store says, in words of ours; anything else is not the store's. */
function understood(error: unknown): unknown {
  const status = statusOf(error);
  if (status === 507 || /QuotaExceeded|StorageFull/.test(nameOf(error))) return full();
  const { code } = (error ?? {}) as { code?: unknown };
  const isOfConnection = typeof code === 'string' && /^(E[A-Z]{3,}|UND_ERR)/.test(code);
  // The client adds what it knows of the exchange to every error of one.
  const isOfExchange = error instanceof Error && '$metadata' in error;
  const isOfStore = isOfExchange || isOfConnection || /Timeout|AbortError|NetworkingError/.test(nameOf(error));
  return isOfStore ? unavailable(error) : error;
}
