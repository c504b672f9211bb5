export { PERMISSIONS, type PermissionName } from './permissions';
export { Answers, Idempotent, Permission, Public, UnparsedBody } from './route-terms';
export { AUTHENTICATOR, Caller, type Admission, type Authenticator, type Principal } from './principal';
export { cursorOf, pageLimit, pageOf, paginate, type Cursor, type Page } from './cursor';
export { etagOf, notModified, readExpectation, type Expectation } from './etag';
export { httpApplication, type HttpApplication } from './application';
export { UnstatedRouteError, type RegisteredRoute } from './admission';
export { HttpModule } from './http.module';
export { PLATFORM_PROBLEMS, type ProblemCode } from './problem-codes';
