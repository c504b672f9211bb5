import { setTimeout as pause } from 'node:timers/promises';
import type { ProgramName } from '../../standalone/programs';
import type { Stack } from '../../standalone/stack';
import { titleOf } from '../../standalone/progress';
import { Random } from './generator/random';
import { DemoError } from './demo-error';

const PROCESSES: readonly ProgramName[] = ['worker', 'api', 'temporal', 'clickhouse'];
/** A stream of the generator's random numbers that no order uses. */
const STREAM = 1_000_001;
const PATIENCE_MS = 120_000;

export interface Kill {
  readonly at: string;
  readonly name: ProgramName;
  readonly during: string;
}

/** Kills processes of the stack with kill -9 at moments that the seed decides: each of the four while events arrive, and each again later. */
export class Saboteur {
  readonly kills: Kill[] = [];
  private readonly random: Random;
  private readonly later: readonly ProgramName[];
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly stack: Pick<Stack, 'kill' | 'ready'>,
    seed: number,
    private readonly onKill: (kill: Kill) => void,
  ) {
    this.random = new Random(seed, 'numbers').at(STREAM);
    this.later = this.shuffled();
  }

  /** To be told how much of the day was sent; strikes four times, once in each quarter of it. */
  duringIngest(total: number): (sent: number) => void {
    const due = this.shuffled().map((name, quarter) => ({
      name,
      after: ((quarter + 0.1 + 0.8 * this.random.unit()) / 4) * total,
    }));
    return (sent) => {
      while (due.length > 0 && sent >= due[0]!.after) this.strike(due.shift()!.name, 'ingest', 0);
    };
  }

  /** Two processes within a second or so from now. */
  duringJudging(): void {
    this.strikeTwo(this.later.slice(0, 2), 'judging', 1_200);
  }

  duringEscalation(): void {
    this.strikeTwo(this.later.slice(2), 'escalation', 2_500);
  }

  /** The moment after somebody acknowledged. */
  afterAcknowledgement(): void {
    this.strike('worker', 'acknowledgement', this.random.below(150));
  }

  duringHealing(): void {
    this.strikeTwo(this.shuffled().slice(0, 2), 'healing', 1_500);
  }

  /** Resolves when every strike has been made and the stack is whole again. */
  async recovered(): Promise<void> {
    await this.underWay;
    await this.stack.ready(PATIENCE_MS);
  }

  private strikeTwo(names: readonly ProgramName[], during: string, withinMs: number): void {
    for (const name of names) this.strike(name, during, this.random.below(withinMs));
  }

  private strike(name: ProgramName, during: string, afterMs: number): void {
    const strike = async (): Promise<void> => {
      await pause(afterMs);
      // One that is down from the strike before is waited for.
      const until = performance.now() + PATIENCE_MS;
      while (!this.stack.kill(name)) {
        if (performance.now() > until) throw new DemoError(`${titleOf(name)} did not come back after kill -9`);
        await pause(20);
      }
      const kill = { at: new Date().toISOString(), name, during };
      this.kills.push(kill);
      this.onKill(kill);
    };
    this.underWay = Promise.all([this.underWay, strike()]);
    this.underWay.catch(() => undefined); // heard by recovered()
  }

  private shuffled(): ProgramName[] {
    const names = [...PROCESSES];
    for (let i = names.length - 1; i > 0; i--) {
      const j = this.random.below(i + 1);
      [names[i], names[j]] = [names[j]!, names[i]!];
    }
    return names;
  }
}
