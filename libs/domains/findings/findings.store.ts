import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import { type AlertsOf, FINDING_STATES } from './core/finding';
import {
  FINDING_STEPS,
  type FindingFilter,
  type FindingPosition,
  type FindingStep,
  type StoredFinding,
} from './core/finding-story';
import { FINDING_KINDS, SEVERITIES } from './core/kinds';

/** Findings that are read at once. */
const AT_ONCE = 1_000;

const text = z.string();
const count = z.coerce.number();
const Stored = z.object({
  id: text,
  kind: z.enum(FINDING_KINDS),
  source: text,
  process: text,
  stage: text,
  severity: z.enum(SEVERITIES),
  state: z.enum(FINDING_STATES),
  fromNumber: count.nullable(),
  toNumber: count.nullable(),
  fromAt: micros,
  toAt: micros,
  measuredCases: count,
  measures: z.record(z.string(), count),
  cases: count.nullable(),
  amount: text,
  currency: text,
  subject: text,
  owner: text,
  policy: text,
  occurrences: count,
  alerted: z.array(text),
  ended: z.array(text),
  changedBy: text,
  changedAt: micros,
  foundAt: micros,
  observedTo: micros,
});
const Step = z.object({
  doneAt: micros,
  step: z.enum(FINDING_STEPS),
  doneBy: text,
  owner: text,
  cases: count.nullable(),
  amount: text,
  currency: text,
  reason: text,
  alert: text,
}) satisfies z.ZodType<FindingStep>;

const listFindings = typedQuery(
  'findings/list_findings',
  z.object({
    ...{ kind: text, state: text, source: text, process: text, owner: text, severity: text },
    beforeAt: z.int(),
    before: text,
    limit: z.int(),
  }),
  z.object({ finding: text }),
);
const findFindings = typedQuery('findings/find_findings', z.object({ findings: z.array(text) }), Stored);
const listSteps = typedQuery('findings/list_finding_steps', z.object({ finding: text }), Step);
const listOwedAlerts = typedQuery(
  'findings/list_owed_alerts',
  z.object({ at: z.int(), limit: z.int() }),
  z.object({ finding: text }),
);
const listStandings = typedQuery(
  'findings/list_standings',
  z.object({ from: z.int(), to: z.int() }),
  z.object({ finding: text, kind: text, process: text, changedAt: micros, isOpen: z.coerce.boolean() }),
);

const FindingRow = z.object({
  finding: text,
  kind: z.enum(FINDING_KINDS),
  source: text,
  process: text,
  stage: text,
  severity: z.enum(SEVERITIES),
  from_number: z.int().nullable(),
  to_number: z.int().nullable(),
  from_at: text,
  to_at: text,
  cases: z.int(),
  measures: z.record(z.string(), z.int()),
  subject: text,
  owner: text,
  policy: text,
  found_at: text,
  observed_to: text,
});
const StepRow = z.object({
  finding: text,
  at: text,
  step: z.enum(FINDING_STEPS),
  done_by: text,
  owner: text,
  cases: z.int().nullable(),
  amount: text,
  currency: text,
  reason: text,
  alert: text,
});

export type FindingRow = Omit<AlertsOf, 'state' | 'occurrences' | 'alerted' | 'ended' | 'changedBy'>;

/** That a finding was opened or closed. */
export type FindingStanding = z.output<typeof listStandings.row>;

/** A step with a finding; what it leaves out stays as it was. */
export interface NewStep {
  readonly finding: string;
  readonly at: Micros;
  readonly step: (typeof FINDING_STEPS)[number];
  /** '' for Holdfast. */
  readonly by: string;
  readonly owner?: string | undefined;
  readonly cases?: number | undefined;
  readonly amount?: string | undefined;
  readonly currency?: string | undefined;
  readonly reason?: string | undefined;
  readonly alert?: string | undefined;
}

/** Findings and what was done with them. Both tables are appended to alone, so that people and inspections cannot overwrite one another. */
@Injectable()
export class FindingsStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async list(filter: FindingFilter, from: FindingPosition, limit: number): Promise<StoredFinding[]> {
    const { kind = '', state = '', source = '', process = '', owner = '', severity = '' } = filter;
    const named = { kind, state, source, process, owner, severity };
    return this.inOrder(await this.clickhouse.rows(listFindings, { ...named, ...from, limit }));
  }

  /** When findings were opened and closed in (from, to], in the order of their times, and which were open before. */
  standings(from: Micros, to: Micros): Promise<FindingStanding[]> {
    return this.clickhouse.rows(listStandings, { from, to });
  }

  async find(ids: readonly string[]): Promise<StoredFinding[]> {
    if (ids.length === 0) return [];
    return (await this.clickhouse.rows(findFindings, { findings: [...ids] })).map(findingOf);
  }

  /** Findings of which an alert is to be raised or ended, the oldest first. */
  async owed(at: Micros, limit: number): Promise<StoredFinding[]> {
    return this.inOrder(await this.clickhouse.rows(listOwedAlerts, { at, limit }));
  }

  /** A page is chosen by little, and read whole then. */
  private async inOrder(page: readonly { readonly finding: string }[]): Promise<StoredFinding[]> {
    const known = new Map<string, StoredFinding>();
    for (let at = 0; at < page.length; at += AT_ONCE) {
      const found = await this.find(page.slice(at, at + AT_ONCE).map(({ finding }) => finding));
      for (const one of found) known.set(one.id, one);
    }
    return page.flatMap(({ finding }) => known.get(finding) ?? []);
  }

  steps(finding: string): Promise<FindingStep[]> {
    return this.clickhouse.rows(listSteps, { finding });
  }

  async addSteps(steps: readonly NewStep[]): Promise<void> {
    await this.clickhouse.insert(
      'finding_steps',
      StepRow,
      steps.map(({ finding, at, step, by, owner, cases, amount, currency, reason, alert }) => ({
        ...{ finding, step },
        at: formatInstant(at),
        done_by: by,
        owner: owner ?? '',
        cases: cases ?? null,
        amount: amount ?? '',
        currency: currency ?? '',
        reason: reason ?? '',
        alert: alert ?? '',
      })),
    );
  }

  /** The newest row of a finding counts. */
  async put(rows: readonly FindingRow[]): Promise<void> {
    await this.clickhouse.insert(
      'findings',
      FindingRow,
      rows.map(
        ({ id, extent, foundAt, observedTo, kind, source, process, stage, severity, subject, owner, policy }) => ({
          ...{ finding: id, kind, source, process, stage, severity, subject, owner, policy },
          from_number: extent.numbers?.from ?? null,
          to_number: extent.numbers?.to ?? null,
          from_at: formatInstant(extent.fromAt),
          to_at: formatInstant(extent.toAt),
          cases: extent.cases,
          measures: extent.measures,
          found_at: formatInstant(foundAt),
          observed_to: formatInstant(observedTo),
        }),
      ),
    );
  }
}

function findingOf(row: z.output<typeof Stored>): StoredFinding {
  const { fromNumber, toNumber, fromAt, toAt, measuredCases, measures, cases, amount, currency, ...finding } = row;
  const numbers = fromNumber === null || toNumber === null ? undefined : { from: fromNumber, to: toNumber };
  return {
    ...finding,
    extent: { numbers, fromAt, toAt, cases: measuredCases, measures },
    impact: { cases: cases ?? measuredCases, amount, currency },
  };
}
