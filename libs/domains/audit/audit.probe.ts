import { Injectable } from '@nestjs/common';
import type { ReadinessProbe } from '@holdfast/platform/http/health';
import { AuditLogClient } from './audit-log.client';

/** Without the audit log nothing is answered that has to be recorded. */
@Injectable()
export class AuditProbe implements ReadinessProbe {
  readonly name = 'audit';
  constructor(private readonly client: AuditLogClient) {}
  async check(): Promise<void> {
    await this.client.get('/state');
  }
}
