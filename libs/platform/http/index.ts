export { PERMISSIONS, type PermissionName } from './permissions';
export {
  Answers,
  Audited,
  ByIntakeOwner,
  Idempotent,
  NotAudited,
  Permission,
  Public,
  UnparsedBody,
} from './route-terms';
export { auditingOf, AUDITOR, type Auditor, type AuditRecord } from './audit';
export { AUTHENTICATOR, Caller, type Admission, type Authenticator, type Principal } from './principal';
export { cursorOf, pageLimit, pageOf, paginate, type Cursor, type Page } from './cursor';
export { readExpectation } from './etag';
export { VersionedDocuments } from './versioned-documents';
export { httpApplication, type HttpApplication } from './application';
export { UnstatedRouteError, type RegisteredRoute } from './admission';
export { HttpModule } from './http.module';
export { problemFor } from './problem.filter';
export { PLATFORM_PROBLEMS, type ProblemCode } from './problem-codes';
export { htmlPage, htmlText } from './html-page';
