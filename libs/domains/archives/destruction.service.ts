import { Injectable } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker, startOrJoin } from '@holdfast/platform/temporal';
import { answerDestruction, destroyArchiveKey } from '@holdfast/workflows/archives/destroy-archive-key/contract';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { ArchiveKeysStore } from './archive-keys.store';
import { DestructionStore, type StoredDestruction } from './destruction.store';

export type { StoredDestruction };

/** How long an answer may take until it is said that nobody carries it out, in ms. */
const PATIENCE_MS = 20_000;
/** How long somebody else may take to approve it. */
const APPROVE_WITHIN: Micros = 72 * 3_600_000_000;

/** Destroys keys of archives, when two people want it. */
@Injectable()
export class DestructionService {
  constructor(
    private readonly keys: ArchiveKeysStore,
    private readonly store: DestructionStore,
    private readonly temporal: Client,
  ) {}

  /** @throws DomainError `not_found`; `conflict` when the key is gone, or a request waits already; `unavailable` */
  async request(keyId: string, reason: string, by: string, at: Micros): Promise<StoredDestruction> {
    const key = await this.keys.key(keyId);
    if (!key) throw new DomainError('not_found', 'archive_key_not_found', 'archives have no such key');
    if (key.isDestroyed) throw new DomainError('conflict', 'destroyed_key', 'the key was destroyed');
    const known = await this.store.find(keyId);
    if (known && (known.state === 'approved' || (known.state === 'requested' && known.approveBy > at)))
      throw new DomainError('conflict', 'destruction_open', 'somebody has asked for it already');
    const approveBy = at + APPROVE_WITHIN;
    const made: StoredDestruction = {
      ...{ keyId, state: 'requested' as const, reason, requestedBy: by, requestedAt: at, approveBy },
      ...{ answeredBy: '', changedAt: at },
    };
    await this.store.keep(made);
    await startOrJoin(this.temporal, destroyArchiveKey, { keyId, requestedBy: by, approveBy });
    return made;
  }

  /** @throws DomainError `not_found`; `conflict` when it waits for nobody, or the same person asked for it; `unavailable` */
  async answer(keyId: string, answer: 'approved' | 'refused', by: string): Promise<StoredDestruction> {
    await this.destruction(keyId);
    const handle = this.temporal.workflow.getHandle(destroyArchiveKey.id({ keyId, requestedBy: '', approveBy: 0 }));
    try {
      await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        handle.executeUpdate(answerDestruction, { args: [answer, by] }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new DomainError('conflict', 'destruction_closed', 'the request waits for nobody any more');
      throw fromFailure(error) ?? noWorker(error);
    }
    return this.destruction(keyId);
  }

  /** @throws DomainError `not_found` */
  async destruction(keyId: string): Promise<StoredDestruction> {
    const found = await this.store.find(keyId);
    if (!found) throw new DomainError('not_found', 'archive_key_not_found', 'nobody has asked to destroy such a key');
    return found;
  }
}
