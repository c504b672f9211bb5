import { Global, Module } from '@nestjs/common';
import { AUDITOR } from '@holdfast/platform/http';
import { AuditController } from './audit.controller';
import { AuditLogClient } from './audit-log.client';
import { AuditService } from './audit.service';
import { AuditStore } from './audit.store';
import { RouteAuditor } from './route-auditor';

/** For domains that record what they do. */
@Module({
  providers: [AuditLogClient, AuditStore, AuditService],
  exports: [AuditService, AuditLogClient],
})
export class AuditRecorderModule {}

/** For processes that answer requests. */
@Module({
  imports: [AuditRecorderModule],
  controllers: [AuditController],
})
export class AuditModule {}

/** Every request is told to the audit log. */
@Global()
@Module({
  imports: [AuditRecorderModule],
  providers: [RouteAuditor, { provide: AUDITOR, useExisting: RouteAuditor }],
  exports: [AUDITOR],
})
export class AuditorModule {}
