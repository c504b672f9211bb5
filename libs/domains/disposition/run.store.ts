import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Day } from '@holdfast/domains/retention/core/period';
import { type Lot, LOT_KINDS } from './core/lot';

const text = z.string();
const count = z.coerce.number().pipe(z.int());
const listed = text.transform((said) => (said === '' ? [] : said.split(',')));

const Run = z.object({ run: text, isDryRun: z.boolean(), requestedBy: text, requestedAt: micros });
const Plan = z.object({ plan: text, asOf: count, digest: text, policies: listed, holds: text, plannedAt: micros });
const Sample = z.array(z.object({ process: text, key: text, stage: text, id: text, receivedAt: text }));
const StoredLot = z.object({
  ...{ lot: count, kind: z.enum(LOT_KINDS), partition: text, class: text, period: text },
  ...{ total: count, rows: count, bytes: count, held: count, policies: listed, retainUntil: micros },
  sample: text.transform((json) => Sample.parse(JSON.parse(json))),
});
export const OUTCOME_STATES = ['begun', 'purged', 'left', 'proved'] as const;
const Outcome = z.object({
  ...{ lot: count, state: z.enum(OUTCOME_STATES), fault: text, rows: count, kept: count, related: count },
  ...{ held: count, holds: text },
  isProved: count.transform((yes) => yes > 0),
  at: micros,
});
const Certificate = z.object({ certificate: text, run: text, document: text, sequence: count, issuedAt: micros });

export type StoredRun = z.output<typeof Run>;
export type SampledRecord = z.output<typeof Sample>[number];
export type PlannedLot = Lot & { readonly sample: readonly SampledRecord[] };
export interface StoredPlan {
  /** Names its lots and groups. */
  readonly plan: string;
  readonly asOf: Day;
  readonly digest: string;
  readonly policies: readonly string[];
  readonly holds: string;
  readonly plannedAt: Micros;
}
/** What became of a lot. `begun`: it may have been deleted. `left`: it is there, for the reason that `fault` names. */
export type LotOutcome = z.output<typeof Outcome>;
export type StoredCertificate = z.output<typeof Certificate>;
export interface NewOutcome {
  readonly run: string;
  readonly lot: number;
  readonly state: (typeof OUTCOME_STATES)[number];
  readonly fault?: string;
  readonly rows?: number;
  readonly kept?: number;
  readonly held?: number;
  readonly holds?: string;
  readonly related?: number;
}

const ofRun = z.object({ run: text });
const findRun = typedQuery('disposition/find_run', ofRun, Run);
const listRuns = typedQuery(
  'disposition/list_runs',
  z.object({ beforeAt: z.int(), beforeRun: text, limit: z.int() }),
  Run,
);
const findPlan = typedQuery('disposition/find_plan', ofRun, Plan);
const listLots = typedQuery('disposition/list_lots', z.object({ plan: text }), StoredLot);
const listOutcomes = typedQuery('disposition/list_outcomes', ofRun, Outcome);
const findCertificate = typedQuery(
  'disposition/find_certificate',
  z.object({ certificate: text, run: text }),
  Certificate,
);
const listCertificates = typedQuery(
  'disposition/list_certificates',
  z.object({ beforeAt: z.int(), beforeCertificate: text, limit: z.int() }),
  Certificate,
);

const RunRow = z.object({ run: text, is_dry_run: z.boolean(), requested_by: text, requested_at: text });
const PlanRow = z.object({
  ...{ run: text, plan: text, as_of: z.int(), digest: text, policies: text, holds: text, planned_at: text },
});
const LotRow = z.object({
  ...{ plan: text, lot: z.int(), kind: text, partition: text, class: text, period: text, total: z.int() },
  ...{ rows: z.int(), bytes: z.int(), held: z.int(), policies: text, retain_until: text, sample: text },
});
const OutcomeRow = z.object({
  ...{ run: text, lot: z.int(), state: text, fault: text, rows: z.int(), kept: z.int(), held: z.int() },
  ...{ holds: text, related: z.int(), at: text },
});
const CertificateRow = z.object({
  ...{ certificate: text, run: text, document: text, sequence: z.int(), issued_at: text },
});

/** The tables of runs of retention. */
@Injectable()
export class RunStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** A repeat does nothing new. */
  async keepRun({ run, isDryRun, requestedBy, requestedAt }: StoredRun): Promise<void> {
    await this.clickhouse.insert('retention_runs', RunRow, [
      { run, is_dry_run: isDryRun, requested_by: requestedBy, requested_at: formatInstant(requestedAt) },
    ]);
  }

  run(run: string): Promise<StoredRun | undefined> {
    return this.clickhouse.row(findRun, { run });
  }

  /** The newest first. */
  runs(beforeAt: Micros, beforeRun: string, limit: number): Promise<StoredRun[]> {
    return this.clickhouse.rows(listRuns, { beforeAt, beforeRun, limit });
  }

  /** The plan that counts: the newest. */
  plan(run: string): Promise<StoredPlan | undefined> {
    return this.clickhouse.row(findPlan, { run });
  }

  /** The lots first: the plan is what makes them count. */
  async keepPlan(run: string, plan: StoredPlan, lots: readonly PlannedLot[]): Promise<void> {
    await this.keepLots(plan.plan, lots);
    await this.clickhouse.insert('retention_plans', PlanRow, [
      {
        ...{ run, plan: plan.plan, as_of: plan.asOf, digest: plan.digest, policies: plan.policies.join() },
        ...{ holds: plan.holds, planned_at: formatInstant(plan.plannedAt) },
      },
    ]);
  }

  /** Of what is gone no key stays here. */
  async forgetSample(plan: string, lot: PlannedLot): Promise<void> {
    await this.keepLots(plan, [{ ...lot, sample: [] }]);
  }

  lots(plan: string): Promise<PlannedLot[]> {
    return this.clickhouse.rows(listLots, { plan });
  }

  private async keepLots(plan: string, lots: readonly PlannedLot[]): Promise<void> {
    const rows = lots.map(({ policies, retainUntil, sample, ...lot }) => ({
      ...{ plan, ...lot, policies: policies.join(), sample: JSON.stringify(sample) },
      retain_until: formatInstant(retainUntil),
    }));
    await this.clickhouse.insert('retention_lots', LotRow, rows);
  }

  outcomes(run: string): Promise<LotOutcome[]> {
    return this.clickhouse.rows(listOutcomes, { run });
  }

  async keepOutcome(
    { fault = '', rows = 0, kept = 0, held = 0, holds = '', related = 0, ...of }: NewOutcome,
    at: Micros,
  ): Promise<void> {
    const row = { ...of, fault, rows, kept, held, holds, related, at: formatInstant(at) };
    await this.clickhouse.insert('retention_outcomes', OutcomeRow, [row]);
  }

  certificate(certificate: string): Promise<StoredCertificate | undefined> {
    return this.clickhouse.row(findCertificate, { certificate, run: '' });
  }

  certificateOf(run: string): Promise<StoredCertificate | undefined> {
    return this.clickhouse.row(findCertificate, { certificate: '', run });
  }

  /** The newest first. */
  certificates(beforeAt: Micros, beforeCertificate: string, limit: number): Promise<StoredCertificate[]> {
    return this.clickhouse.rows(listCertificates, { beforeAt, beforeCertificate, limit });
  }

  async keepCertificate({ issuedAt, ...of }: StoredCertificate): Promise<void> {
    await this.clickhouse.insert('retention_certificates', CertificateRow, [
      { ...of, issued_at: formatInstant(issuedAt) },
    ]);
  }
}
