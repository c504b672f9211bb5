import { Injectable } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { invalid, type Micros } from '@holdfast/kernel';
import { type Beats, type HeartbeatDefinition, isSilent, type Watch } from './core/heartbeat';
import { HeartbeatSchema } from './heartbeat.schemas';
import { HeartbeatStore } from './heartbeat.store';

const HEARTBEAT: DocumentKind<HeartbeatDefinition> = { kind: 'heartbeat', body: HeartbeatSchema };
/** Named here and not imported, as in the catalogue of processes. */
const POLICY_KIND = 'escalation-policy';

export type Heartbeat = Version<HeartbeatDefinition>;
export interface HeartbeatStatus {
  readonly state: 'beating' | 'silent' | 'disabled';
  readonly beats: Beats | undefined;
  readonly watch: Watch | undefined;
}

/** Heartbeats of other systems: versioned documents, and the beats. */
@Injectable()
export class HeartbeatService {
  constructor(
    private readonly register: RegisterService,
    private readonly store: HeartbeatStore,
  ) {}

  /** @throws DomainError `not_found` */
  heartbeat(id: string): Promise<Heartbeat> {
    return this.register.get(HEARTBEAT, id);
  }

  list(after: string, limit: number): Promise<(Heartbeat & { readonly id: string })[]> {
    return this.register.list(HEARTBEAT, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Heartbeat[]> {
    return this.register.history(HEARTBEAT, id, before, limit);
  }

  /** As they are now. */
  all(): Promise<ReadonlyMap<string, Heartbeat>> {
    return this.register.everyCurrentOf(HEARTBEAT, true);
  }

  /** @returns the version that it has now @throws DomainError `invalid` when its policy does not exist; as RegisterService.change does */
  async put(id: string, definition: HeartbeatDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    if (!(await this.register.exists(POLICY_KIND, definition.escalationPolicy)))
      throw invalid('unusable_heartbeat', 'the heartbeat names an escalation policy that does not exist', [
        { field: 'escalationPolicy', reason: 'does not exist; PUT it first' },
      ]);
    return this.register.change(HEARTBEAT, id, definition, expected, by, at);
  }

  /** Durable when it returns. @throws DomainError `not_found`, for a beat that nobody waits for would be taken for watched */
  async beat(id: string, at: Micros): Promise<void> {
    const known = await this.register.everyCurrentOf(HEARTBEAT);
    if (!known.has(id)) await this.heartbeat(id);
    await this.store.beat(id, at);
  }

  /** As the last round saw it. @throws DomainError `not_found` */
  async status(id: string): Promise<HeartbeatStatus> {
    const [{ body }, beats, watches] = await Promise.all([
      this.heartbeat(id),
      this.store.beats(id),
      this.store.watches(id),
    ]);
    const [came, watch] = [beats.get(id), watches.get(id)];
    const isQuiet = watch !== undefined && watch.beats === (came?.beats ?? 0) && isSilent(body, watch);
    return { state: body.enabled ? (isQuiet ? 'silent' : 'beating') : 'disabled', beats: came, watch };
  }
}
