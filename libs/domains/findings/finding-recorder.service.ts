import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SourceService } from '@holdfast/domains/catalog/source.service';
import { ContractsService } from '@holdfast/domains/contracts/contracts.service';
import type { Micros } from '@holdfast/kernel';
import { type Observation, observe, type Scope } from './core/finding';
import { type FindingKind, SEVERITY_OF } from './core/kinds';
import { type FindingRow, FindingsStore, type NewStep } from './findings.store';

/** Observations of one inspection that are looked up at once. */
const AT_ONCE = 1_000;

/** First 128 bits of SHA-256: the same fact is the same finding, whoever comes across it, and however often. */
export const findingIdOf = (
  kind: FindingKind,
  { source, process, stage }: Scope,
  begins: string,
  subject = '',
): string => {
  const named = [kind, source, process, stage, begins, ...(subject === '' ? [] : [subject])];
  return hash('sha256', JSON.stringify(named), 'hex').slice(0, 32);
};

/** Turns what is seen into findings. Each kind and subject has one observer, of which one run is under way at a time: inspections, an objective, a reference. */
@Injectable()
export class FindingRecorder {
  constructor(
    private readonly store: FindingsStore,
    private readonly sources: SourceService,
    private readonly contracts: ContractsService,
  ) {}

  /**
   * A repeat with the same `to` changes nothing: the steps are the same rows, and a finding tells until when it has been observed.
   * @param to until when what was received is in the observations
   */
  async record(observations: readonly Observation[], to: Micros): Promise<void> {
    for (let at = 0; at < observations.length; at += AT_ONCE)
      await this.recordSome(observations.slice(at, at + AT_ONCE), to);
  }

  private async recordSome(observations: readonly Observation[], to: Micros): Promise<void> {
    const ids = observations.map(({ kind, scope, begins, asked }) => findingIdOf(kind, scope, begins, asked?.subject));
    const known = new Map((await this.store.find(ids)).map((finding) => [finding.id, finding]));
    const [sources, contracts] = await Promise.all([this.sources.current(), this.contracts.current()]);
    const steps: NewStep[] = [];
    const rows: FindingRow[] = [];
    for (const [index, observation] of observations.entries()) {
      const id = ids[index]!;
      const before = known.get(id);
      const observed = observe(before, observation, to);
      if (!observed) continue;
      const { kind, scope, type, asked } = observation;
      const source = sources.get(scope.source);
      const severity = SEVERITY_OF[kind];
      const alerts = source?.alertOn ? source.alertOn.some((one) => one === kind) : severity === 'critical';
      if (observed.step) steps.push({ finding: id, at: observed.step.at, step: observed.step.is, by: '' });
      rows.push({
        ...{ id, kind, severity },
        ...{ source: scope.source, process: scope.process, stage: scope.stage },
        extent: observed.extent,
        subject: asked?.subject ?? '',
        owner:
          asked?.owner ??
          source?.owner ??
          (type !== undefined ? contracts.get(type)?.owner : undefined) ??
          before?.owner ??
          '',
        policy: asked ? asked.policy : alerts ? (source?.escalationPolicy ?? '') : '',
        foundAt: before?.foundAt ?? to,
        observedTo: to,
      });
    }
    await this.store.addSteps(steps); // before the rows: a repeat that finds no row writes the same steps
    await this.store.put(rows);
  }
}
