import { DomainError } from './errors';

interface Waiting<T, R> {
  readonly one: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does together what is asked for one by one: what comes while a batch is under way makes the next one, so that a lone call waits for nothing and a storm of them costs a few. A batch begins
 * after each of its calls: a read among them sees what was written before it was called.
 */
export class Batched<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private isUnderWay = false;

  /**
   * @param run gives as many results as it is given, in their order
   * @param most of a batch
   */
  constructor(
    private readonly run: (batch: readonly T[]) => Promise<readonly R[]>,
    private readonly most: number,
  ) {}

  /** @throws what its batch throws; where one of many is at fault, the others do not suffer for it */
  do(one: T): Promise<R> {
    const done = new Promise<R>((resolve, reject) => this.waiting.push({ one, resolve, reject }));
    void this.work();
    return done;
  }

  private async work(): Promise<void> {
    if (this.isUnderWay) return;
    this.isUnderWay = true;
    while (this.waiting.length > 0) await this.runBatch(this.waiting.splice(0, this.most));
    this.isUnderWay = false;
  }

  private async runBatch(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ one }) => one));
      batch.forEach(({ resolve }, i) => resolve(results[i] as R));
    } catch (error) {
      if (batch.length === 1 || (error instanceof DomainError && error.kind === 'unavailable'))
        for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.runBatch([one]);
    }
  }
}
