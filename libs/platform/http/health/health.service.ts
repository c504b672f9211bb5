import { Inject, Injectable } from '@nestjs/common';
import type { ReadinessProbe } from './probes';

/** The probes of this process; given to {@link HealthModule}. */
export const READINESS_PROBES = Symbol('readiness probes');

export interface Readiness {
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, { readonly ok: boolean; readonly ms: number }>>;
}

const PATIENCE_MS = 2_500;

@Injectable()
export class HealthService {
  constructor(@Inject(READINESS_PROBES) private readonly probes: readonly ReadinessProbe[]) {}

  /** Asks every dependency at the same time; one that takes longer than 2.5 s is down. Says nothing of why: the page is public. */
  async readiness(): Promise<Readiness> {
    const found = await Promise.all(this.probes.map(async (probe) => [probe.name, await outcomeOf(probe)] as const));
    return { ready: found.every(([, { ok }]) => ok), dependencies: Object.fromEntries(found) };
  }
}

async function outcomeOf(probe: ReadinessProbe): Promise<{ ok: boolean; ms: number }> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  // A probe that throws before its first await must not take the others with it.
  const asked = Promise.resolve()
    .then(() => probe.check())
    .then(
      () => true,
      () => false,
    );
  const ok = await Promise.race([asked, late]);
  clearTimeout(timer);
  return { ok, ms: Math.round(performance.now() - startedAt) };
}
