/** Everything that a key may be allowed to do: a closed list, so that a route cannot ask for what no role gives. */
export const PERMISSIONS = [
  'events:write',
  'events:read',
  'intake:read',
  'processes:read',
  'processes:write',
  'contracts:read',
  'contracts:write',
  'sources:read',
  'sources:write',
  'quarantine:read',
  /** Assign, patch, replay, discard. */
  'quarantine:write',
  'mappings:read',
  'mappings:write',
  'policies:read',
  'policies:write',
  'reconciliations:read',
  /** Start, judge again, cancel. */
  'reconciliations:write',
  'discrepancies:accept',
  /** Approve or refuse what somebody else proposed. */
  'discrepancies:approve',
  'resolution:read',
  /** Resolution rules and reporting gates. */
  'resolution:write',
  'statements:issue',
  'comparisons:read',
  /** See the keys and values of other stores that differ. */
  'comparisons:inspect',
  /** Read other stores: start and stop comparisons. */
  'comparisons:run',
  'comparisons:write',
  'findings:read',
  /** Triage, fix, accept. */
  'findings:write',
  'quality:read',
  /** Objectives and references: define, evaluate, check. */
  'quality:write',
  'alerts:read',
  /** Acknowledge, resolve. */
  'alerts:respond',
  /** From other systems, as an Alertmanager takes them. */
  'alerts:raise',
  /** Send a test page. */
  'alerts:test',
  'alert-rules:read',
  'alert-rules:write',
  'channels:read',
  /** Send a test message; send dead letters again. */
  'channels:test',
  'channels:write',
  'on-call:read',
  /** Take over from somebody, and give back. */
  'on-call:override',
  /** People and on-call schedules. */
  'on-call:write',
  'suppressions:read',
  /** Suppression windows: open, change, end. */
  'suppressions:write',
  /** Inhibition and flapping rules. */
  'suppressions:define',
  'changes:read',
  /** Tell that a system is changed. */
  'changes:write',
  'synthetics:read',
  /** Synthetic transactions and heartbeats; send a probe now. */
  'synthetics:write',
  /** Say that a system lives. */
  'heartbeats:beat',
  /** Retention policies: read, explain, see what a change would do. */
  'retention:read',
  'retention:write',
  'holds:read',
  /** Legal holds: place, amend, ask to release. */
  'holds:write',
  /** Agree to what somebody else asked for: a hold of everything, a release. */
  'retention:run',
  'retention:approve',
  'holds:approve',
  /** Note that a custodian knows. */
  'holds:acknowledge',
  'privacy:read',
  'privacy:write',
  'archives:read',
  /** See records in archives and out of them. */
  'archives:query',
  /** Write, verify, restore, drill. */
  'archives:write',
  /** Rotate and destroy what archives are sealed with. */
  'archives:manage-keys',
  /** See who did what. */
  'audit:inspect',
  /** Follow the audit log without its entries, and co-sign its checkpoints. */
  'audit:witness',
  'keys:manage',
] as const;

export type PermissionName = (typeof PERMISSIONS)[number];
