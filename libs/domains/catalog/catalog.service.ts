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
  private readonly known = new WeakMap<Version<ProcessDefinition>, Process>();

  constructor(private readonly register: RegisterService) {}

  /**
   * Several processes as of a moment ago (see STALENESS_MS), for hot paths: the same objects until they have changed. Those that do not exist are left out,
   * which is always asked anew.
   * @param fresh as the store has them now: before something is refused because a process of a moment ago does not know it
   */
  async findProcesses(ids: readonly string[], fresh = false): Promise<Process[]> {
    let all = await this.register.everyCurrentOf(PROCESS, fresh);
    if (!fresh && !ids.every((id) => all.has(id))) all = await this.register.everyCurrentOf(PROCESS, true);
    return ids.flatMap((id) => {
      const found = all.get(id);
      return found ? [this.prepared(id, found)] : [];
    });
  }

  private prepared(id: string, found: Version<ProcessDefinition>): Process {
    let process = this.known.get(found);
    if (!process) this.known.set(found, (process = { ...found.body, id, version: found.version }));
    return process;
  }

  async findProcess(id: string): Promise<Process | undefined> {
    const found = await this.register.latest(PROCESS, id);
    return found && this.prepared(id, found);
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
