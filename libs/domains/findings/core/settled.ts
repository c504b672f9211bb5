import type { Micros } from '@holdfast/kernel';

/**
 * What was received so long ago can be read: it is more than all tries of intake's insert take together, each with its deadline. What an engine that was
 * stalled stores later still is looked up before it is told to be missing.
 */
export const SETTLED: Micros = 180_000_000;
