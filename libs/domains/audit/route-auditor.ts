import { Injectable } from '@nestjs/common';
import type { Auditor, AuditRecord } from '@holdfast/platform/http';
import { AuditLogClient } from './audit-log.client';

/** Keeps what routes tell of requests in the audit log. */
@Injectable()
export class RouteAuditor implements Auditor {
  constructor(private readonly client: AuditLogClient) {}

  async write(record: AuditRecord): Promise<void> {
    await this.client.append(record, false);
  }
}
