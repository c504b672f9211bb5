/** What a principal may be; what each role may do is one table, {@link PERMISSIONS_OF}. */
export const ROLES = [
  'admin',
  'operator',
  'responder',
  'viewer',
  'records',
  'sender',
  'monitor',
  'prober',
  'auditor',
  'witness',
] as const;
export type Role = (typeof ROLES)[number];

const VIEWER = [
  'events:read',
  'intake:read',
  'processes:read',
  'contracts:read',
  'sources:read',
  'quarantine:read',
  'mappings:read',
  'policies:read',
  'reconciliations:read',
  'resolution:read',
  'comparisons:read',
  'findings:read',
  'quality:read',
  'alerts:read',
  'alert-rules:read',
  'channels:read',
  'on-call:read',
  'suppressions:read',
  'changes:read',
  'synthetics:read',
  'privacy:read',
  'archives:read',
  'retention:read',
  'holds:read',
] as const;
const RESPONDER = [...VIEWER, 'alerts:respond', 'findings:write', 'on-call:override', 'suppressions:write'] as const;
const OPERATOR = [
  ...RESPONDER,
  'events:write',
  'processes:write',
  'contracts:write',
  'sources:write',
  'quarantine:write',
  'mappings:write',
  'policies:write',
  'reconciliations:write',
  'quality:write',
  'discrepancies:accept',
  'discrepancies:approve',
  'resolution:write',
  'statements:issue',
  'comparisons:inspect',
  'comparisons:run',
  'comparisons:write',
  'alerts:raise',
  'alerts:test',
  'alert-rules:write',
  'channels:test',
  'channels:write',
  'on-call:write',
  'suppressions:define',
  'changes:write',
  'synthetics:write',
  'heartbeats:beat',
  'archives:query',
  'archives:write',
] as const;
/** How long records are kept, and what is held, is for records officers and counsel. */
const RECORDS = [
  'retention:write',
  'retention:run',
  'retention:approve',
  'holds:write',
  'holds:approve',
  'holds:acknowledge',
] as const;
/** What is personal is not for those to decide who run the processes: keeping a field raw is the administrator's. */
const ADMIN = [
  ...OPERATOR,
  ...RECORDS,
  'privacy:write',
  'archives:manage-keys',
  'audit:inspect',
  'audit:witness',
  'keys:manage',
] as const;

/** The names are the platform's permissions; that they are is checked where the guard reads them. */
export type RolePermission = (typeof ADMIN)[number];

export const PERMISSIONS_OF: Readonly<Record<Role, readonly RolePermission[]>> = {
  /** Everything, keys too. */
  admin: ADMIN,
  /** Runs the business side: defines processes and policies, starts and judges windows, accepts discrepancies. */
  operator: OPERATOR,
  /** Is on call: sees everything, answers alerts, deals with findings. */
  responder: RESPONDER,
  /** Sees everything, changes nothing. */
  viewer: VIEWER,
  /** A records officer, or counsel: says how long records are kept, places and releases holds; sees everything. */
  records: [...VIEWER, ...RECORDS],
  /** A system that reports what it did, and sees nothing. */
  sender: ['events:write', 'changes:write', 'heartbeats:beat'],
  /** A monitoring system that raises alerts, and sees nothing. */
  monitor: ['alerts:raise'],
  /** Holdfast itself, where it tries paths: sends probes and reads what became of them. */
  prober: ['events:write', 'events:read'],
  /** Sees everything and who did what, changes nothing. */
  auditor: [...VIEWER, 'audit:inspect', 'audit:witness'],
  /** Follows the audit log without its entries, and co-signs it. */
  witness: ['audit:witness'],
};

/** What several roles give together. */
export const permissionsOf = (roles: readonly Role[]): ReadonlySet<RolePermission> =>
  new Set(roles.flatMap((role) => PERMISSIONS_OF[role]));
