import { Injectable } from '@nestjs/common';
import { DomainError, type Micros, newId } from '@holdfast/kernel';
import { startOrJoin, temporalUnavailable } from '@holdfast/platform/temporal';
import { compareDataSets, stop } from '@holdfast/workflows/comparisons/compare-data-sets/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { ComparisonDefinitionService } from './comparison-definition.service';
import { ComparisonsStore } from './comparisons.store';
import { ConfiguredConnections } from './configured-connections';
import type { ComparisonDefinition } from './core/comparison';
import { checkDefinition } from './core/plan';
import { type ComparisonStanding, NO_COUNTS, NOTHING_SPENT, NOTHING_TOLD, type ToldDifference } from './core/run';

/** What is to be compared: by the id of a definition, or as it stands in the request. */
export interface AskedComparison {
  readonly definition?: string;
  readonly inline?: ComparisonDefinition;
}

/** Has data sets compared, and shows what they came to. */
@Injectable()
export class ComparisonsService {
  constructor(
    private readonly temporal: Client,
    private readonly store: ComparisonsStore,
    private readonly definitions: ComparisonDefinitionService,
    private readonly connections: ConfiguredConnections,
  ) {}

  /** @returns its id @throws DomainError `not_found` for the definition; `invalid` naming what cannot be compared */
  async start({ definition, inline }: AskedComparison, by: string): Promise<string> {
    const { body, version } = inline ? { body: inline, version: 0 } : await this.asDefined(definition!);
    checkDefinition(body);
    this.connections.check(body);
    const comparison = newId();
    await this.store.add({
      ...{ comparison, definition: definition ?? '', version, body },
      ...{ askedBy: by, askedAt: Date.now() * 1000, scheduled: false },
    });
    try {
      await startOrJoin(this.temporal, compareDataSets, comparison);
    } catch (error) {
      await this.neverBegun(comparison, error);
      throw error;
    }
    return comparison;
  }

  /** Ends what was stored and could not be started: nobody else ever would. One that was started after all stays as it is. */
  private async neverBegun(comparison: string, error: unknown): Promise<void> {
    const failure = { code: error instanceof DomainError ? error.code : 'internal', detail: 'it could not be started' };
    const nothing = { lineage: NOTHING_TOLD, names: { key: [], columns: [] }, counts: NO_COUNTS, spent: NOTHING_SPENT };
    await this.store.end(comparison, { state: 'failed', at: Date.now() * 1000, failure, ...nothing });
  }

  private async asDefined(id: string): Promise<{ readonly body: ComparisonDefinition; readonly version: number }> {
    const { body, version } = await this.definitions.definition(id);
    const { schedule: _schedule, owner: _owner, escalationPolicy: _policy, description: _about, ...compared } = body;
    return { body: compared, version };
  }

  /** @throws DomainError `not_found` */
  async get(id: string): Promise<ComparisonStanding> {
    const found = await this.store.find(id);
    if (!found) throw new DomainError('not_found', 'comparison_not_found', 'there is no such comparison');
    return found;
  }

  /** Newest first. @param definition '' for all */
  list(definition: string, beforeAt: Micros, beforeId: string, limit: number): Promise<ComparisonStanding[]> {
    return this.store.list(definition, beforeAt, beforeId, limit);
  }

  /** In the order in which they were found, as far as its segments are finished. @throws DomainError `not_found` */
  async differences(
    id: string,
    after: Pick<ToldDifference, 'segment' | 'ordinal'>,
    limit: number,
  ): Promise<Pick<ComparisonStanding, 'names'> & { readonly differences: readonly ToldDifference[] }> {
    const { lineage, names } = await this.get(id);
    return { names, differences: await this.store.differences(id, lineage, after, limit) };
  }

  /** Ends it with what it has come to. One that has ended stays as it is. @throws DomainError `not_found` */
  async stop(id: string): Promise<ComparisonStanding> {
    const found = await this.get(id);
    if (found.state !== 'running') return found;
    try {
      await this.temporal.workflow.getHandle(compareDataSets.id(id)).signal(stop);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw temporalUnavailable(error);
      // It has ended meanwhile, or was never begun.
      const { state, lineage, names, counts, spent } = await this.get(id);
      if (state === 'running')
        await this.store.end(id, { state: 'stopped', at: Date.now() * 1000, lineage, names, counts, spent });
    }
    return this.get(id);
  }
}
