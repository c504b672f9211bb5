import type { Micros } from '@holdfast/kernel';
import type { Labels } from './matcher';

/** An alert as it is seen here. Its labels include severity, process, policy and subject (the kind of what it is about). */
export interface Firing {
  readonly alertId: string;
  readonly labels: Labels;
  readonly raisedAt: Micros;
}
