import type { Client } from '@temporalio/client';
import type { ClickHouse } from '@holdfast/platform/clickhouse';
import { readConfiguration } from '@holdfast/platform/config';
import { PERMISSIONS, type HttpApplication } from '@holdfast/platform/http';
import { createApi } from '../../apps/api/main';

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

  it('are all in the OpenAPI document', async () => {
    const { paths } = (await api.app.inject({ url: '/openapi.json' })).json();
    for (const { method, path } of api.routes.filter((route) => route.method !== 'HEAD'))
      expect(paths[path.replace(/:(\w+)/g, '{$1}')]).toHaveProperty(method.toLowerCase());
  });
});
