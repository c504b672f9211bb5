import type { Micros } from '@holdfast/kernel';
import type { SyntheticDefinition } from './synthetic';

const SECOND: Micros = 1_000_000;

/** What of a definition a probe needs to know while it is under way. */
export interface ProbePlan {
  readonly version: number;
  readonly send: readonly string[];
  readonly expect: SyntheticDefinition['expect'];
  readonly readableWithinSeconds: number;
}

/** Why a call of the API came to nothing; '' when it did not. */
export type CallFault = '' | 'unreachable' | 'failing' | 'unauthorized' | 'refused' | 'rate_limited' | 'no_key';

/** The probe as it can be read: an event of it by stage. */
export interface Sighting {
  readonly stage: string;
  readonly receivedAt: Micros;
  /** Without it the probe would be counted as business. */
  readonly marked: boolean;
}
export interface Look {
  readonly fault: CallFault;
  readonly seen: readonly Sighting[];
}
/** What intake made of the events that were sent. */
export interface Sent {
  readonly stage: string;
  readonly fault: CallFault;
}

/** What broke: by name of the hop, and a code. */
export interface Break {
  readonly stage: string;
  readonly hop: string;
  readonly fault: string;
}

/** How a probe ended. `took`: microseconds from the probe's instant to receipt, by stage. */
export interface ProbeOutcome {
  readonly broken: Break | null;
  readonly took: Readonly<Record<string, number>>;
}

/** A probe as it is kept. Texts are '' where nothing broke. */
export interface KeptProbe extends Break {
  readonly instant: Micros;
  readonly version: number;
  readonly process: string;
  readonly key: string;
  readonly state: 'under_way' | 'passed' | 'broken';
  readonly took: ProbeOutcome['took'];
}

/** After every probe. */
export const NEWEST: Micros = 7_258_118_400_000_000;

/** When the last stage that has not seen the probe has to; undefined when all have. */
export function dueAt(plan: ProbePlan, at: Micros, { fault, seen }: Look): Micros | undefined {
  const stages = new Set(seen.map(({ stage }) => stage));
  const due = [
    ...plan.send.map((stage) => ({ stage, withinSeconds: plan.readableWithinSeconds })),
    ...plan.expect,
  ].filter(({ stage }) => fault !== '' || !stages.has(stage));
  return due.length === 0 ? undefined : at + Math.max(...due.map(({ withinSeconds }) => withinSeconds)) * SECOND;
}

/**
 * What a probe came to. The first break on its way is told: what comes after it follows from it.
 * @param look the last one, after everything was due
 */
export function outcomeOf(plan: ProbePlan, at: Micros, sent: readonly Sent[], look: Look): ProbeOutcome {
  const took = Object.fromEntries(look.seen.map(({ stage, receivedAt }) => [stage, Math.max(receivedAt - at, 0)]));
  return { broken: breakOf(plan, at, sent, look) ?? null, took };
}

function breakOf(plan: ProbePlan, at: Micros, sent: readonly Sent[], { fault, seen }: Look): Break | undefined {
  const refused = sent.find((one) => one.fault !== '');
  if (refused) return broken(refused.stage, 'holdfast', refused.stage, `intake_${refused.fault}`);
  const first = plan.send[0] ?? plan.expect[0]?.stage ?? '';
  if (fault !== '') return broken(first, 'store', 'reader', `reading_${fault}`);
  const byStage = new Map(seen.map((one) => [one.stage, one]));
  for (const stage of plan.send) {
    const found = byStage.get(stage);
    if (!found || found.receivedAt > at + plan.readableWithinSeconds * SECOND)
      return broken(stage, stage, 'reader', 'not_readable');
  }
  let from = plan.send.at(-1) ?? 'outside';
  for (const { stage, withinSeconds } of plan.expect) {
    const found = byStage.get(stage);
    if (!found) return broken(stage, from, stage, 'not_passed_on');
    if (found.receivedAt > at + withinSeconds * SECOND) return broken(stage, from, stage, 'passed_on_late');
    if (!found.marked) return broken(stage, from, stage, 'mark_lost');
    from = stage;
  }
  return undefined;
}

const broken = (stage: string, from: string, to: string, fault: string): Break => ({
  ...{ stage, fault, hop: `${from} -> ${to}` },
});

const SHORTEST_MS = 500;
const LONGEST_MS = 300_000;

/** How long to wait until the next look, in ms: the longer it has taken, the longer, and never past what is due. When a stage saw it is told by its time of receipt. */
export const nextLookMs = (at: Micros, now: Micros, due: Micros): number =>
  Math.max(
    1,
    Math.min(Math.max(SHORTEST_MS, Math.min((now - at) / 10_000, LONGEST_MS)), Math.ceil((due - now) / 1000)),
  );

const FAULTS: Readonly<Record<string, string>> = {
  not_readable: 'it was taken and cannot be read',
  not_passed_on: 'it is not passed on',
  passed_on_late: 'it is passed on too late',
  mark_lost: 'it is passed on without its mark',
};
/** In one line. */
export const sayBreak = (process: string, { hop, fault }: Break): string => {
  const [place, why] = fault.startsWith('intake_')
    ? ['intake', `intake does not take it (${fault.slice(7)})`]
    : fault.startsWith('reading_')
      ? ['reading', `what is stored cannot be read (${fault.slice(8)})`]
      : [hop, FAULTS[fault] ?? fault];
  return `Probes of ${process} do not get through at ${place}: ${why}`;
};
