import type { AuditTerms, RouteTerms } from './route-terms';
import type { PermissionName } from './permissions';

/** What a request was for, as the audit log tells it. */
export type AuditKind = 'access' | 'query' | 'export' | 'change' | 'decision' | 'refusal';

/** What the audit log is told of a request. */
export interface AuditRecord {
  readonly id: string;
  readonly kind: AuditKind;
  /** `POST /v1/alerts/:id/acknowledge` */
  readonly action: string;
  readonly actor: string;
  readonly actorKind: 'person' | 'machine' | 'unknown';
  readonly subject: { readonly kind: string; readonly id: string };
  readonly outcome: 'intended' | 'success' | 'failure' | 'denied';
  /** Code of the problem that it was answered with. */
  readonly code?: string;
  readonly request: string;
  /** SHA-256 over query and body, in hexadecimal digits. */
  readonly digest?: string;
  /** Id of the record that announced it. */
  readonly intent?: string;
  /** How many equal requests it stands for. */
  readonly count?: number;
}

/** Keeps the audit log. The platform tells, a domain keeps: it is injected under {@link AUDITOR}. */
export interface Auditor {
  /** Returns when it is durable. @throws DomainError `unavailable` audit_unavailable */
  write(record: AuditRecord): Promise<void>;
}
export const AUDITOR = Symbol('auditor');

/** Permissions by which somebody decides, where others change or look. */
const DECIDING: ReadonlySet<PermissionName> = new Set<PermissionName>([
  'discrepancies:accept',
  'discrepancies:approve',
  'statements:issue',
  'alerts:respond',
]);
const LOOKING = /:(read|inspect)$/;

/** How a route is audited. `announced`: an entry says so before it is carried out, too. */
export type Auditing = { readonly kind: AuditKind; readonly announced: boolean } | { readonly not: string };

/**
 * How a route is audited: as it states, else by its permission and method. What changes something is announced first, unless nobody is known to ask before the
 * handler has looked at a signature: strangers write nothing into the log.
 */
export function auditingOf(method: string, path: string, terms: RouteTerms): Auditing {
  const { audit, permission, publicBecause } = terms;
  if (audit && 'not' in audit) return audit;
  const kind = audit?.kind ?? kindOf(method, path, permission);
  return { kind, announced: (kind === 'change' || kind === 'decision') && publicBecause === undefined };
}

function kindOf(method: string, path: string, permission: PermissionName | undefined): AuditTerms['kind'] {
  if (permission !== undefined && DECIDING.has(permission)) return 'decision';
  const looks = ['GET', 'HEAD'].includes(method) || (permission !== undefined && LOOKING.test(permission));
  if (!looks) return 'change';
  return path.includes(':') ? 'access' : 'query';
}
