import type { Micros } from '@holdfast/kernel';
import type { SyntheticDefinition } from './synthetic';

/** What another system promises: a beat every so often. */
export interface HeartbeatDefinition {
  readonly description?: string | undefined;
  readonly everySeconds: number;
  readonly graceSeconds: number;
  readonly owner: string;
  readonly runbook?: string | undefined;
  readonly escalationPolicy: string;
  readonly severity: SyntheticDefinition['severity'];
  readonly enabled: boolean;
}

/** What has come of a heartbeat. */
export interface Beats {
  /** How many, ever. Says whether one came, whatever clocks say. */
  readonly beats: number;
  /** By the clock of the API. */
  readonly lastAt: Micros;
}

/** What is known of a heartbeat's silence. */
export interface Watch {
  readonly round: number;
  readonly beats: number;
  readonly watchedAt: Micros;
  readonly since: Micros;
  /** Microseconds of silence that were watched. */
  readonly silentFor: Micros;
  /** The alert that is open about it; '' for none. */
  readonly alert: string;
}

/**
 * The watch after one more round. Silence is added up from round to round, and a round adds so much at most: what a clock jumps, or nobody watched because
 * Holdfast stood still and no beat could be taken, is no silence.
 * @param most microseconds that a round may add
 */
export function watched(before: Watch | undefined, came: Beats, at: Micros, most: Micros): Omit<Watch, 'alert'> {
  const gap = before ? Math.min(Math.max(at - before.watchedAt, 0), most) : 0;
  const round = (before?.round ?? 0) + 1;
  if (before && before.beats === came.beats)
    return { round, beats: came.beats, watchedAt: at, since: before.since, silentFor: before.silentFor + gap };
  const silentFor = came.beats === 0 ? 0 : Math.min(Math.max(at - came.lastAt, 0), gap);
  return { round, beats: came.beats, watchedAt: at, since: at - silentFor, silentFor };
}

const SECOND: Micros = 1_000_000;

export const isSilent = (
  { everySeconds, graceSeconds }: Pick<HeartbeatDefinition, 'everySeconds' | 'graceSeconds'>,
  { silentFor }: Pick<Watch, 'silentFor'>,
): boolean => silentFor > (everySeconds + graceSeconds) * SECOND;

export const silenceAlertId = (heartbeat: string, since: Micros): string =>
  `heartbeat-${heartbeat}.${since.toString(36)}`;
