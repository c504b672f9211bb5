import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../apps/cli/demo/generator/random';
import type { ProgramName } from '../../apps/standalone/programs';
import type { Stack } from '../../apps/standalone/stack';

export const PROCESSES: readonly ProgramName[] = ['api', 'worker', 'temporal', 'clickhouse', 'audit-log'];

/** A kill -9 that is to come, in milliseconds from the beginning of its round. */
export interface Strike {
  readonly name: ProgramName;
  readonly atMs: number;
}

/** Within so many milliseconds of a round all kills happen: about as long as an escalation takes. */
const SPAN_MS = 18_000;
/** Kills beside one of each process: they may hit a process that is just starting again. */
const EXTRA = 2;

/** When a round kills what: each process at least once. The same seed and round give the same schedule. */
export function scheduleOf(seed: number, round: number): Strike[] {
  const random = new Random(seed, 'numbers').at(round);
  const names = [...PROCESSES, ...Array.from({ length: EXTRA }, () => PROCESSES[random.below(PROCESSES.length)]!)];
  return names.map((name) => ({ name, atMs: random.below(SPAN_MS) })).sort((a, b) => a.atMs - b.atMs);
}

/** A kill that has happened. */
export interface Kill {
  readonly name: ProgramName;
  readonly afterMs: number;
}

/** Carries out a schedule. */
export class Saboteur {
  readonly kills: Kill[] = [];
  /** Settles when every kill has happened and the stack works again. */
  readonly over: Promise<void>;
  private readonly beganAt = performance.now();
  private isOver = false;

  constructor(
    private readonly stack: Pick<Stack, 'kill' | 'ready'>,
    readonly schedule: readonly Strike[],
  ) {
    this.over = this.strike().finally(() => (this.isOver = true));
    this.over.catch(() => undefined); // heard by who awaits it
  }

  /** Whether processes are still being killed. */
  get isAtWork(): boolean {
    return !this.isOver;
  }

  private async strike(): Promise<void> {
    for (const { name, atMs } of this.schedule) {
      await pause(Math.max(0, this.beganAt + atMs - performance.now()));
      // One that is down from the strike before is waited for: a kill is of a running process.
      while (!this.stack.kill(name)) await pause(10);
      this.kills.push({ name, afterMs: Math.round(performance.now() - this.beganAt) });
    }
    await this.stack.ready(180_000);
  }
}
