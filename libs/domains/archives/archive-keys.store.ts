import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const Key = z.object({
  keyId: text,
  class: text,
  period: text,
  fingerprint: text,
  wrappedBy: text,
  wrapped: text,
  isDestroyed: z.boolean(),
  revision: count,
});
export type StoredKey = z.output<typeof Key>;

const findKey = typedQuery('archives/find_key', z.object({ keyId: text }), Key);
const listKeys = typedQuery(
  'archives/list_keys',
  z.object({ after: text, class: text, period: text, limit: z.int() }),
  Key,
);
const findSubjectSecrets = typedQuery(
  'archives/find_subject_secrets',
  z.object({ keyId: text, subjects: z.array(text) }),
  z.object({ subject: text, secret: text }),
);
const KeyRow = z.object({
  key_id: text,
  class: text,
  period: text,
  fingerprint: text,
  wrapped_by: text,
  wrapped: text,
  is_destroyed: z.boolean(),
  changed_at: text,
  revision: z.int(),
});

const SubjectRow = z.object({ key_id: text, subject: text, secret: text });

/** Wrapped keys of archives, and keys of subjects. */
@Injectable()
export class ArchiveKeysStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  key(keyId: string): Promise<StoredKey | undefined> {
    return this.clickhouse.row(findKey, { keyId });
  }

  /** By id, behind one; '' for those of any class or period. */
  keys(of: { readonly class: string; readonly period: string }, after: string, limit: number): Promise<StoredKey[]> {
    return this.clickhouse.rows(listKeys, { ...of, after, limit });
  }

  /** A repeat of the same revision is kept once. */
  async keep({ keyId, wrappedBy, isDestroyed, ...of }: StoredKey, at: Micros): Promise<void> {
    await this.clickhouse.insert('archive_keys', KeyRow, [
      { ...of, key_id: keyId, wrapped_by: wrappedBy, is_destroyed: isDestroyed, changed_at: formatInstant(at) },
    ]);
  }

  /** Older wrappings leave the table: until then they are in its files. */
  forgetOlder(): Promise<void> {
    return this.clickhouse.mergePartition('archive_keys', 'all');
  }

  /** Of subjects that have none yet: whoever writes an archive is alone with its key. @param secrets 32 bytes in hexadecimal, by subject */
  async addSubjects(keyId: string, secrets: ReadonlyMap<string, string>): Promise<void> {
    const rows = [...secrets].map(([subject, secret]) => ({ key_id: keyId, subject, secret }));
    const token = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
    await this.clickhouse.insert('archive_subject_keys', SubjectRow, rows, { token });
  }

  /** In hexadecimal, by subject. */
  async subjectSecrets(keyId: string, subjects: readonly string[]): Promise<Map<string, string>> {
    if (subjects.length === 0) return new Map();
    const found = await this.clickhouse.rows(findSubjectSecrets, { keyId, subjects: [...subjects] });
    return new Map(found.map(({ subject, secret }) => [subject, secret]));
  }

  /** Hides the keys of a subject at once, and has them leave the files with the next merge. */
  forgetSubject(subject: string): Promise<void> {
    return this.clickhouse.deleteRows('archive_subject_keys', { subject });
  }
}
