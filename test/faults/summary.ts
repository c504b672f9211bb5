import type { ProgramName } from '../../apps/standalone/programs';
import { PROCESSES, type Kill } from './kill-schedule';

export const SCENARIOS = ['ingest', 'window', 'escalation', 'paging', 'documents'] as const;
export type Scenario = (typeof SCENARIOS)[number];

interface Line {
  rounds: number;
  /** Of the longest round. */
  longestSeconds: number;
  readonly kills: Record<ProgramName, number>;
  readonly figures: Record<string, number>;
}

/** The figures of a run: a line for each scenario. */
export class Summary {
  private readonly lines = Object.fromEntries(
    SCENARIOS.map((name) => [name, { rounds: 0, longestSeconds: 0, kills: noKills(), figures: {} }]),
  ) as Record<Scenario, Line>;
  private readonly beganAt = performance.now();

  constructor(
    private readonly seed: number,
    private readonly rounds: number,
  ) {}

  /** A scenario has been played; these processes were killed meanwhile. */
  played(name: Scenario, ms: number, kills: readonly Kill[]): void {
    const line = this.lines[name];
    line.rounds++;
    line.longestSeconds = Math.max(line.longestSeconds, Math.round(ms / 1000));
    for (const kill of kills) line.kills[kill.name]++;
  }

  add(name: Scenario, figures: Readonly<Record<string, number>>): void {
    const sums = this.lines[name].figures;
    for (const [figure, value] of Object.entries(figures)) sums[figure] = (sums[figure] ?? 0) + value;
  }

  toJSON(): object {
    const scenarios = SCENARIOS.map((name) => {
      const { figures, ...line } = this.lines[name];
      return [name, { ...line, ...figures }];
    });
    const seconds = Math.round((performance.now() - this.beganAt) / 1000);
    return { faults: { seed: this.seed, rounds: this.rounds, seconds, ...Object.fromEntries(scenarios) } };
  }
}

const noKills = (): Record<ProgramName, number> =>
  Object.fromEntries(PROCESSES.map((name) => [name, 0])) as Record<ProgramName, number>;
