import { PERMISSIONS } from '@holdfast/platform/http';
import { permissionsOf, PERMISSIONS_OF, ROLES } from './roles';

describe('roles', () => {
  it('give an administrator everything', () => {
    expect([...PERMISSIONS_OF.admin].sort()).toEqual([...PERMISSIONS].sort());
  });

  it('give what they say', () => {
    expect(PERMISSIONS_OF.sender).toEqual(['events:write', 'changes:write', 'heartbeats:beat']);
    expect(PERMISSIONS_OF.prober).toEqual(['events:write', 'events:read']);
    expect(PERMISSIONS_OF.auditor).toEqual([...PERMISSIONS_OF.viewer, 'audit:inspect', 'audit:witness']);
    expect(PERMISSIONS_OF.witness).toEqual(['audit:witness']);
    expect(PERMISSIONS_OF.monitor).toEqual(['alerts:raise']);
    expect(PERMISSIONS_OF.viewer.every((name) => name.endsWith(':read'))).toBe(true);
    expect(PERMISSIONS.filter((name) => name.endsWith(':read')).sort()).toEqual([...PERMISSIONS_OF.viewer].sort());
    expect(PERMISSIONS_OF.responder).toContain('alerts:respond');
    for (const role of ROLES.filter((one) => one !== 'admin'))
      expect(PERMISSIONS_OF[role]).not.toContain('keys:manage');
  });

  it('add up', () => {
    expect([...permissionsOf(['sender', 'viewer'])].sort()).toEqual(
      ['events:write', 'changes:write', 'heartbeats:beat', ...PERMISSIONS_OF.viewer].sort(),
    );
    expect(permissionsOf([]).size).toBe(0);
  });
});
