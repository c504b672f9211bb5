import type { Micros } from '@holdfast/kernel';

export interface ExpectedStage {
  readonly stage: string;
  /** From the probe's instant on. */
  readonly withinSeconds: number;
}

/** A transaction that is none: probes of a process's path, again and again. */
export interface SyntheticDefinition {
  readonly description?: string | undefined;
  readonly process: string;
  /** Stages at which Holdfast tells of the probe itself. */
  readonly send: readonly string[];
  /** Stages at which the systems of the process are to pass it on. */
  readonly expect: readonly ExpectedStage[];
  /** From the probe's instant on, until it was taken and can be read. */
  readonly readableWithinSeconds: number;
  readonly everySeconds: number;
  /** So many in a row. */
  readonly failuresBeforeAlert: number;
  /** Type and data of the probe's events. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly owner: string;
  readonly runbook?: string | undefined;
  readonly escalationPolicy: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly enabled: boolean;
}

/** Source of the events that Holdfast tells of itself. Queries that must not count them name it, too. */
export const PROBE_SOURCE = 'holdfast-synthetics';

/** The business key of a probe: marked, and the same whenever it is made for the same instant. */
export const probeKeyOf = (synthetic: string, at: Micros): string => `holdfast-probe-${synthetic}-${at.toString(36)}`;

/** The event of a probe at a stage that Holdfast tells of, as `POST /v1/events` takes it. */
export const probeEvent = (
  synthetic: string,
  { process, type, data }: SyntheticDefinition,
  stage: string,
  occurredAt: string,
  key: string,
) => ({
  ...{ id: `${key}-${stage}`, source: PROBE_SOURCE, process, stage, key, type },
  ...{ occurredAt, originAt: occurredAt, correlationId: `synthetic-${synthetic}`, synthetic: true, data },
});

/** Of an alert about a path: the same for all probes that failed in a row. */
export const pathAlertId = (synthetic: string, firstFailed: Micros): string =>
  `synthetic-${synthetic}.${firstFailed.toString(36)}`;
