import type { Client } from '@temporalio/client';
import type { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import { auditingOf, PERMISSIONS, type HttpApplication } from '@holdfast/platform/http';
import { createApi } from '../../apps/api/main';

/** Whose requests the audit log is not told of, in order. */
const NOT_AUDITED = [
  'GET /docs',
  'GET /docs/:file',
  'GET /livez',
  'GET /openapi.json',
  'GET /problems',
  'GET /problems/:code',
  'GET /readyz',
  'GET /v1/audit/log',
  'GET /v1/audit/log/checkpoint',
  'GET /v1/audit/log/consistency',
  'GET /v1/audit/log/tile/:level/:a',
  'GET /v1/audit/log/tile/:level/:a/:b',
  'GET /v1/audit/log/tile/:level/:a/:b/:c',
  'GET /v1/audit/log/tile/:level/:a/:b/:c/:d',
  'GET /v1/statement-keys',
  'POST /v1/events',
  'POST /v1/heartbeats/:id/beat',
];

const silent = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };

/** Routes exist without anything behind them: no store, no Temporal. */
describe('routes of the API', () => {
  let api: HttpApplication;
  beforeAll(async () => {
    api = await createApi({
      configuration: readConfiguration({}),
      clickhouse: {
        rows: async () => [],
        row: async () => undefined,
        insert: async () => undefined,
      } as unknown as ClickHouse,
      temporal: {} as unknown as Client,
      logger: silent,
    });
  });
  afterAll(() => api.app.close());

  it('each state a permission, or why they need none', () => {
    expect(api.routes.length).toBeGreaterThan(8);
    for (const { method, path, terms } of api.routes) {
      const { permission, publicBecause } = terms;
      const stated = permission === undefined ? (publicBecause ?? '').length > 20 : PERMISSIONS.includes(permission);
      expect([method, path, stated]).toEqual([method, path, true]);
    }
  });

  it('are public only where they are health, documents, public keys, signed links or signed webhooks', () => {
    const open = api.routes.filter(({ terms }) => terms.publicBecause !== undefined).map(({ path }) => path);
    for (const path of new Set(open))
      expect(path).toMatch(
        /^\/(livez|readyz|openapi\.json|docs(\/:file)?|problems(\/:code)?|v1\/webhooks\/[a-z]+|v1\/statement-keys|v1\/(hold-acknowledgements|acknowledge)\/:id\/:token)$/,
      );
  });

  it('that change something are under /v1', () => {
    for (const { method, path } of api.routes) if (!['GET', 'HEAD'].includes(method)) expect(path).toMatch(/^\/v1\//);
  });

  it('are audited, but for those that say why not', () => {
    const left = new Map<string, string>();
    for (const { method, path, terms } of api.routes.filter((route) => route.method !== 'HEAD')) {
      const auditing = auditingOf(method, path, terms);
      if ('not' in auditing) left.set(`${method} ${path}`, auditing.not);
      // Whoever is not known writes nothing before a signature was looked at; everybody else's changes are announced.
      else if (['change', 'decision'].includes(auditing.kind))
        expect([method, path, auditing.announced]).toEqual([method, path, terms.publicBecause === undefined]);
      else expect([method, path, ['access', 'query', 'export'].includes(auditing.kind)]).toEqual([method, path, true]);
    }
    expect([...left.keys()].sort()).toEqual(NOT_AUDITED);
    for (const [route, because] of left) expect([route, because.length > 20]).toEqual([route, true]);
  });

  it('that only look are called so, whatever their method', () => {
    const kindOf = (method: string, path: string) => {
      const auditing = auditingOf(
        method,
        path,
        api.routes.find((one) => one.method === method && one.path === path)!.terms,
      );
      return 'kind' in auditing ? auditing.kind : undefined;
    };
    expect(kindOf('POST', '/v1/quarantine/search')).toBe('query');
    expect(kindOf('GET', '/v1/alerts/:id')).toBe('access');
    expect(kindOf('GET', '/v1/verdict-exports')).toBe('export');
    expect(kindOf('PUT', '/v1/processes/:id')).toBe('change');
    expect(kindOf('DELETE', '/v1/keys/:id')).toBe('change');
    expect(kindOf('POST', '/v1/decisions/:id/approve')).toBe('decision');
    expect(kindOf('POST', '/v1/webhooks/pagerduty')).toBe('decision');
  });

  it('are all in the OpenAPI document', async () => {
    const { paths } = (await api.app.inject({ url: '/openapi.json' })).json();
    for (const { method, path } of api.routes.filter((route) => route.method !== 'HEAD'))
      expect(paths[path.replace(/:(\w+)/g, '{$1}')]).toHaveProperty(method.toLowerCase());
  });
});
