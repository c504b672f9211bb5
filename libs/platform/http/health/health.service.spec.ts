import { HealthService } from './health.service';
import type { ReadinessProbe } from './probes';

const probe = (name: string, check: () => Promise<void>): ReadinessProbe => ({ name, check });

describe('readiness', () => {
  it('names each dependency, and is not ready when one fails, throws or is silent', async () => {
    const found = await new HealthService([
      probe('good', async () => undefined),
      probe('bad', () => Promise.reject(new Error('canary'))),
      probe('broken', () => {
        throw new Error('canary');
      }),
      probe('silent', () => new Promise(() => undefined)),
    ]).readiness();
    expect(found).toMatchObject({
      ready: false,
      dependencies: { good: { ok: true }, bad: { ok: false }, broken: { ok: false }, silent: { ok: false } },
    });
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('is ready when all answer', async () => {
    expect((await new HealthService([probe('good', async () => undefined)]).readiness()).ready).toBe(true);
  });
});
