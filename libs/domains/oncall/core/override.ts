import type { Micros } from '@holdfast/kernel';

/** Somebody takes [from, to) of a schedule, whoever has it otherwise. */
export interface Override {
  readonly id: string;
  readonly schedule: string;
  readonly person: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly reason: string;
  readonly by: string;
  readonly at: Micros;
  /** Undefined where nobody has withdrawn it. */
  readonly withdrawn: { readonly by: string; readonly at: Micros } | undefined;
}

/** The part of an override that holds: what was over when it was withdrawn stays as it was. Empty where it was withdrawn before it began. */
export const held = ({
  from,
  to,
  withdrawn,
}: Pick<Override, 'from' | 'to' | 'withdrawn'>): { from: Micros; to: Micros } => ({
  from,
  to: Math.max(from, Math.min(to, withdrawn?.at ?? to)),
});
