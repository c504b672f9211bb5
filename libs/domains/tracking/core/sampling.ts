/** Stands for a record that was kept, and for those that were not. */
export const weightOf = (rate: number): number => 1 / rate;

/**
 * Whether a record is kept at a rate. By a hash of what it belongs to, so that everything of one correlation id is kept or left out together, in every process
 * and at every time; and what is kept at a rate is kept at each higher one. Source: Duffield, Grossglauser, "Trajectory Sampling" (2000).
 * @param fraction of the correlation id, uniform in [0, 1) @param rate above 0, at most 1
 */
export const isSampled = (fraction: number, rate: number): boolean => fraction < rate;
