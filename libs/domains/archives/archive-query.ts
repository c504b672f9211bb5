import { createDecipheriv } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PrivacyService } from '@holdfast/domains/privacy/privacy.service';
import { DomainError, type Micros } from '@holdfast/kernel';
import { ArchiveKeys } from './archive-keys';
import { ArchiveFaultError, ArchiveReader } from './archive-reader';
import { type ArchiveFilter, mayHold } from './core/archive';
import { personalColumns } from './core/personal';
import { masked } from './masked';
import { type ParquetRow, rowsOf } from './parquet';

export interface ArchivedRecord {
  readonly process: string;
  readonly key: string;
  readonly stage: string;
  readonly source: string;
  readonly id: string;
  readonly attempt: number;
  readonly type: string;
  readonly outcome: string;
  readonly occurredAt: Micros;
  readonly originAt: Micros;
  readonly receivedAt: Micros;
  readonly correlationId: string;
  readonly sign: number;
  readonly data: string;
  /** Whose key is gone: what was personal in it nobody reads any more. */
  readonly isErased: boolean;
}
export interface Queried {
  readonly records: readonly ArchivedRecord[];
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean;
  readonly objectsRead: number;
  /** Objects whose bounds in the manifest say that they have nothing of it. */
  readonly objectsSkipped: number;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Answers questions from archives as they lie in the store: only what may hold an answer is read and opened. */
@Injectable()
export class ArchiveQuery {
  constructor(
    private readonly reader: ArchiveReader,
    private readonly keys: ArchiveKeys,
    private readonly privacy: PrivacyService,
  ) {}

  /**
   * In the order of process and hour of origin. What is personal is shown as the privacy policy of today has it.
   * @throws DomainError `not_found`; `archive_faulty` with what is wrong; `unavailable`
   */
  async query(archive: string, filter: ArchiveFilter, limit: number): Promise<Queried> {
    try {
      return await this.ask(archive, filter, limit);
    } catch (error) {
      if (!(error instanceof ArchiveFaultError)) throw error;
      throw new DomainError('conflict', 'archive_faulty', 'the archive is not what was written', {
        extra: { fault: error.fault, object: error.number },
      });
    }
  }

  private async ask(archive: string, filter: ArchiveFilter, limit: number): Promise<Queried> {
    const open = await this.reader.open(archive);
    const { objects, keyId } = open.manifest;
    const candidates = objects.filter(({ bounds }) => mayHold(bounds, filter));
    const rows: ParquetRow[] = [];
    let objectsRead = 0;
    for (const object of candidates) {
      objectsRead += 1;
      for await (const row of rowsOf(await this.reader.ranges(open, object), filter)) {
        rows.push(row);
        if (rows.length > limit) break;
      }
      if (rows.length > limit) break;
    }
    const hasMore = rows.length > limit;
    return {
      records: await this.shown(rows.slice(0, limit), keyId),
      hasMore,
      objectsRead,
      objectsSkipped: objects.length - candidates.length,
    };
  }

  private async shown(rows: readonly ParquetRow[], keyId: string): Promise<ArchivedRecord[]> {
    const subjects = new Set(rows.map(({ subject }) => subject as string).filter((subject) => subject !== ''));
    const [secrets, masker] = await Promise.all([
      this.keys.subjectSecrets(keyId, [...subjects]),
      this.privacy.masker(),
    ]);
    return rows.map((row) => masked(recordOf(row, secrets), masker));
  }
}

function recordOf(row: ParquetRow, secrets: ReadonlyMap<string, string>): ArchivedRecord {
  const text = (name: string): string => row[name] as string;
  const number = (name: string): number => Number(row[name]);
  const subject = text('subject');
  const secret = secrets.get(subject);
  const isErased = subject !== '' && secret === undefined;
  const own = { correlation_id: text('correlation_id'), data: text('data') };
  const shown = secret === undefined ? own : openPersonal(row, secret);
  return {
    ...{ process: text('process'), key: text('key'), stage: text('stage'), source: text('source'), id: text('id') },
    ...{ attempt: number('attempt'), type: text('type'), outcome: text('outcome') },
    ...{ occurredAt: number('occurred_at'), originAt: number('origin_at'), receivedAt: number('received_at') },
    ...{ correlationId: shown.correlation_id, sign: number('sign'), data: shown.data, isErased },
  };
}

/** @throws ArchiveFaultError when it does not open under the key of its subject */
function openPersonal(row: ParquetRow, secret: string): { readonly correlation_id: string; readonly data: string } {
  const sealed = Buffer.from(row['personal'] as string, 'base64');
  const at = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(secret, 'hex'), sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(row['identity'] as Uint8Array)
    .setAuthTag(sealed.subarray(at));
  try {
    return personalColumns(Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, at)), decipher.final()]));
  } catch {
    throw new ArchiveFaultError('object_altered');
  }
}
