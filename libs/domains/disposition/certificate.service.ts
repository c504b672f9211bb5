import { Injectable } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import type { SignedCertificate } from './core/certificate';
import { certificatePdf } from './certificate-pdf';
import { RunStore, type StoredCertificate } from './run.store';

export interface Certificate extends StoredCertificate {
  readonly signed: SignedCertificate;
}

/** Certificates of what runs did away with. */
@Injectable()
export class CertificateService {
  constructor(private readonly store: RunStore) {}

  /** @throws DomainError `not_found` */
  async certificate(id: string): Promise<Certificate> {
    const found = await this.store.certificate(id);
    if (!found) throw new DomainError('not_found', 'certificate_not_found', 'there is no such certificate');
    return read(found);
  }

  /** The newest first. */
  async certificates(beforeAt: Micros, before: string, limit: number): Promise<Certificate[]> {
    return (await this.store.certificates(beforeAt, before, limit)).map(read);
  }

  /** @throws DomainError `not_found` */
  async pdf(id: string): Promise<Buffer> {
    return certificatePdf((await this.certificate(id)).signed);
  }
}

/** The payload of a compact JSON Web Signature that we stored ourselves. */
function read(stored: StoredCertificate): Certificate {
  const payload = stored.document.split('.')[1]!;
  return { ...stored, signed: JSON.parse(Buffer.from(payload, 'base64url').toString()) as SignedCertificate };
}
