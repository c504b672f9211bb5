import { Injectable } from '@nestjs/common';
import { invalid, type Micros } from '@holdfast/kernel';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { ProcessDefinitionSchema } from './catalog.schemas';
import type { Process, ProcessDefinition } from './core/process';

const PROCESS: DocumentKind<ProcessDefinition> = { kind: 'process', body: ProcessDefinitionSchema };
/** Named here and not imported: policies belong to alerting, which knows processes and not the other way round. */
const POLICY_KIND = 'escalation-policy';

/** The processes that Holdfast knows. */
@Injectable()
export class CatalogService {
  constructor(private readonly register: RegisterService) {}

  /**
   * Several processes as of a moment ago (see STALENESS_MS), for hot paths; those that do not exist are left out.
   * @param fresh as the store has them now: before something is refused because a cached process does not know it
   */
  async findProcesses(ids: Iterable<string>, fresh = false): Promise<Process[]> {
    const found = await this.register.currentOf(PROCESS, ids, fresh);
    return [...found].map(([id, { body, version }]) => ({ ...body, id, version }));
  }

  async findProcess(id: string): Promise<Process | undefined> {
    return (await this.findProcesses([id], true))[0];
  }

  /** @throws DomainError `not_found` */
  async process(id: string): Promise<Version<ProcessDefinition>> {
    return this.register.get(PROCESS, id);
  }

  processes(after: string, limit: number): Promise<(Version<ProcessDefinition> & { readonly id: string })[]> {
    return this.register.list(PROCESS, after, limit);
  }

  history(id: string, before: number, limit: number): Promise<Version<ProcessDefinition>[]> {
    return this.register.history(PROCESS, id, before, limit);
  }

  /**
   * @returns the version that the definition has now
   * @throws DomainError `invalid` when the escalation policy does not exist; see RegisterService.change
   */
  async putProcess(
    id: string,
    definition: ProcessDefinition,
    expected: Expected,
    by: string,
    at: Micros,
  ): Promise<number> {
    const { escalationPolicy } = definition;
    if (escalationPolicy !== undefined && !(await this.register.exists(POLICY_KIND, escalationPolicy))) {
      throw invalid('unknown_escalation_policy', 'the process names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    }
    return this.register.change(PROCESS, id, definition, expected, by, at);
  }
}
