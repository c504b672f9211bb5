import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { DataSetKeysService } from '@holdfast/domains/comparisons/data-set-keys.service';
import { ContractsService } from '@holdfast/domains/contracts/contracts.service';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import { SETTLED } from '@holdfast/domains/findings/core/settled';
import { NEWEST, type FindingFilter, type StoredFinding } from '@holdfast/domains/findings/core/finding-story';
import { FindingsStore } from '@holdfast/domains/findings/findings.store';
import { BusinessTables } from '@holdfast/domains/quality/business-table';
import { Counting } from '@holdfast/domains/quality/counting';
import type { Evaluation } from '@holdfast/domains/quality/core/evaluation';
import type { Check } from '@holdfast/domains/quality/core/reference';
import { Evaluator } from '@holdfast/domains/quality/evaluator';
import { KpiRefresher } from '@holdfast/domains/quality/kpi-refresher';
import { KpiStore } from '@holdfast/domains/quality/kpi.store';
import { ObjectiveSchema } from '@holdfast/domains/quality/objective.schemas';
import { ObjectiveService } from '@holdfast/domains/quality/objective.service';
import { ObjectiveStore } from '@holdfast/domains/quality/objective.store';
import { ReferenceChecker } from '@holdfast/domains/quality/reference-checker';
import { ReferenceSchema } from '@holdfast/domains/quality/reference.schemas';
import { ReferenceService } from '@holdfast/domains/quality/reference.service';
import { ReferenceStore } from '@holdfast/domains/quality/reference.store';
import { WindowStatisticsService } from '@holdfast/domains/reconciliation/window-statistics.service';
import type { Micros } from '@holdfast/kernel';
import type { z } from 'zod';
import type { IntakeStack } from '../intake/stack';

export const MINUTE: Micros = 60_000_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A record as intake would have stored it, at times of the test's own. */
export interface Row {
  readonly process?: string;
  readonly stage: string;
  readonly key: string;
  readonly receivedAt: Micros;
  readonly occurredAt?: Micros;
  readonly outcome?: 'stored' | 'retraction' | 'restatement';
  readonly sign?: 1 | 0 | -1;
  readonly attempt?: number;
}

const quoted = (text: string): string => `'${text}'`;
const instant = (micros: Micros): string => `fromUnixTimestamp64Micro(${micros}, 'UTC')`;

/** What a worker has of quality, on the engine of a suite and at times that the test says. */
export function qualityOn({ api, clickhouse }: IntakeStack) {
  const service = <T>(of: abstract new (...args: never[]) => T): T => api.app.get(of, { strict: false });
  const findings = new FindingsStore(clickhouse);
  const catalog = service(CatalogService);
  const recorder = new FindingRecorder(findings, service(SourceService), service(ContractsService));
  const evaluations = new ObjectiveStore(clickhouse);
  const counting = new Counting(evaluations, service(WindowStatisticsService));
  const evaluator = new Evaluator(service(ObjectiveService), catalog, counting, evaluations, recorder);
  const checks = new ReferenceStore(clickhouse);
  const tables = new BusinessTables(checks, service(DataSetKeysService));
  const checker = new ReferenceChecker(service(ReferenceService), tables, checks, recorder);
  const refresher = new KpiRefresher(new KpiStore(clickhouse), catalog);
  const heartbeat = (): void => undefined;
  let rows = 0;
  return {
    findings,
    evaluations,
    checks,
    async tracked(...records: Row[]): Promise<void> {
      const values = records.map((one) => {
        const { process = 'orders', stage, key, receivedAt, occurredAt = receivedAt, sign = 1 } = one;
        const identity = String((rows += 1)).padStart(16, '0');
        const texts = [process, 'test', stage, key, identity, one.outcome ?? 'stored'].map(quoted);
        const origin = Math.floor(receivedAt / DAY) * DAY;
        return `(${[...texts, instant(receivedAt), instant(occurredAt), instant(origin), sign, one.attempt ?? 1, quoted('{}')].join(',')})`;
      });
      await clickhouse.command(
        `INSERT INTO tracking_records (process, source, stage, key, identity, outcome, received_at, occurred_at, origin_at, sign, attempt, data) VALUES ${values.join(',')}`,
      );
    },
    /** As of a time: nothing that was received before it is on its way any more. */
    evaluate: (id: string, asOf: Micros): Promise<Evaluation> => evaluator.evaluate(id, asOf + SETTLED, heartbeat),
    check: (id: string, at: Micros): Promise<Check> => checker.check(id, at, heartbeat, new AbortController().signal),
    refresh: (asOf: Micros): Promise<number> => refresher.refresh(asOf + SETTLED, heartbeat),
    /** Breaks off after so many hours were measured. */
    refreshBrokenAfter: (asOf: Micros, hours: number): Promise<number> => {
      let left = hours;
      return refresher.refresh(asOf + SETTLED, () => {
        if (left-- === 0) throw new Error('killed');
      });
    },
    found: (filter: FindingFilter): Promise<StoredFinding[]> => findings.list(filter, NEWEST, 100),
  };
}

export const objective = (definition: z.input<typeof ObjectiveSchema>): object => ObjectiveSchema.parse(definition);
export const reference = (definition: z.input<typeof ReferenceSchema>): object => ReferenceSchema.parse(definition);
