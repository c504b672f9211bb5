/** One benchmark: a figure, and a baseline that is measured in the same run, since machines differ and are noisy. */
export interface Benchmark {
  readonly name: string;
  /** What is measured against what, in one line. */
  readonly about: string;
  /** Members of the JSON line that is printed: figure, unit, baseline, ratio and what else helps to read them. */
  run(options: Readonly<Record<string, string>>): Promise<Record<string, unknown>>;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)] ?? NaN;
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
/** @returns milliseconds */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}
