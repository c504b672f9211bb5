import { Module } from '@nestjs/common';
import { AuditStore } from './audit.store';
import { AuditLog } from './sequencer/audit-log';

/** For the process that owns the audit log. */
@Module({ providers: [AuditStore, AuditLog], exports: [AuditLog] })
export class AuditLogModule {}
