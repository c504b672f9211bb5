import type { Micros } from '@holdfast/kernel';
import { beating, Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { destroyArchiveKey } from '@holdfast/workflows/archives/destroy-archive-key/contract';
import { drillArchives, type Drilled } from '@holdfast/workflows/archives/drill-archives/contract';
import { restoreArchive, type RestoreToDo } from '@holdfast/workflows/archives/restore-archive/contract';
import { type RewrappedPage, rotateArchiveKeys } from '@holdfast/workflows/archives/rotate-archive-keys/contract';
import { verifyArchive } from '@holdfast/workflows/archives/verify-archive/contract';
import { writeArchive } from '@holdfast/workflows/archives/write-archive/contract';
import { ArchiveDrill } from './archive-drill';
import { ArchiveKeys } from './archive-keys';
import { ArchiveRestorer } from './archive-restorer';
import { ArchiveStorage } from './archive-storage';
import { ArchiveVerifier } from './archive-verifier.service';
import { ArchiveWriter } from './archive-writer.service';
import type { ArchiveRequest, DestructionState, Verification } from './core/archive';
import { DestructionStore } from './destruction.store';

/** The steps of writing an archive. */
@Implements(writeArchive)
export class WriteArchiveActivities implements ActivitiesOf<typeof writeArchive> {
  constructor(private readonly writer: ArchiveWriter) {}

  plan(request: ArchiveRequest, at: Micros): Promise<number> {
    return beating(() => this.writer.plan(request, at));
  }

  async writeObject(archive: string, number: number, at: Micros): Promise<void> {
    await beating((_, signal) => this.writer.writeObject(archive, number, at, signal));
  }

  async finish(archive: string, at: Micros): Promise<void> {
    await beating(() => this.writer.finish(archive, at));
  }

  lock(archive: string): Promise<void> {
    return beating(() => this.writer.lock(archive));
  }
}

/** The steps of reading one back. */
@Implements(verifyArchive)
export class VerifyArchiveActivities implements ActivitiesOf<typeof verifyArchive> {
  constructor(private readonly verifier: ArchiveVerifier) {}

  verify(archive: string): Promise<Verification> {
    return beating((progress, signal) => this.verifier.verify(archive, progress, signal));
  }

  settle(archive: string, { fault }: Verification, at: Micros): Promise<void> {
    return this.verifier.settle(archive, fault, at);
  }
}

/** The steps of restoring one for a time. */
@Implements(restoreArchive)
export class RestoreArchiveActivities implements ActivitiesOf<typeof restoreArchive> {
  constructor(private readonly restorer: ArchiveRestorer) {}

  begin(restore: RestoreToDo, at: Micros): Promise<void> {
    return this.restorer.begin(restore, at);
  }

  fill(restore: string, archive: string): Promise<Verification> {
    return beating((progress, signal) => this.restorer.fill(restore, archive, progress, signal));
  }

  settle(restore: string, found: Verification, at: Micros): Promise<void> {
    return this.restorer.settle(restore, found, at);
  }

  expire(restore: string, at: Micros): Promise<boolean> {
    return this.restorer.expire(restore, at);
  }
}

/** The steps of a drill. */
@Implements(drillArchives)
export class DrillArchivesActivities implements ActivitiesOf<typeof drillArchives> {
  constructor(private readonly drills: ArchiveDrill) {}

  choose(): Promise<string> {
    return this.drills.choose();
  }

  drill(archive: string): Promise<Drilled> {
    return beating((progress, signal) => this.drills.drill(archive, progress, signal));
  }

  record(archive: string, found: Drilled, at: Micros): Promise<void> {
    return this.drills.record(archive, found, at);
  }
}

/** The steps of a rotation. */
@Implements(rotateArchiveKeys)
export class RotateArchiveKeysActivities implements ActivitiesOf<typeof rotateArchiveKeys> {
  constructor(
    private readonly keys: ArchiveKeys,
    private readonly storage: ArchiveStorage,
  ) {}

  async addKey(): Promise<void> {
    await (await this.storage.ring()).rotate();
  }

  async rewrapPage(after: string, at: Micros): Promise<RewrappedPage> {
    const { last = null, wrapped } = await beating(() => this.keys.rewrapPage(after, at));
    return { next: last, wrapped };
  }
}

/** The steps of destroying a key. */
@Implements(destroyArchiveKey)
export class DestroyArchiveKeyActivities implements ActivitiesOf<typeof destroyArchiveKey> {
  constructor(
    private readonly keys: ArchiveKeys,
    private readonly store: DestructionStore,
  ) {}

  async record(keyId: string, state: DestructionState, by: string, at: Micros): Promise<void> {
    const known = await this.store.find(keyId);
    if (!known || known.state === state) return;
    await this.store.keep({ ...known, state, answeredBy: by === '' ? known.answeredBy : by, changedAt: at });
  }

  destroy(keyId: string, at: Micros): Promise<void> {
    return this.keys.destroy(keyId, at);
  }
}
