import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { type KeyRing, openKeyRing } from '@holdfast/platform/keyring';
import { type ObjectStore, openStore } from '@holdfast/platform/object-store';

/** Where archives are kept and what wraps their keys, opened when they are first needed: an installation that archives nothing needs neither. */
@Injectable()
export class ArchiveStorage implements OnApplicationShutdown {
  private opened: { store?: Promise<ObjectStore>; ring?: Promise<KeyRing> } = {};

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** @throws DomainError `conflict` when none is configured, `unavailable` */
  store(): Promise<ObjectStore> {
    const { HOLDFAST_ARCHIVE_STORE: address } = this.configuration;
    return (this.opened.store ??= openStore(configured(address)).catch((error: unknown) => {
      delete this.opened.store; // the next call tries again
      throw error;
    }));
  }

  /** @throws DomainError `conflict` when none is configured, `unavailable` */
  ring(): Promise<KeyRing> {
    const { HOLDFAST_ARCHIVE_KEY_RING: address } = this.configuration;
    return (this.opened.ring ??= openKeyRing(configured(address)).catch((error: unknown) => {
      delete this.opened.ring;
      throw error;
    }));
  }

  /** Whether an installation archives at all. */
  get isConfigured(): boolean {
    const { HOLDFAST_ARCHIVE_STORE: store, HOLDFAST_ARCHIVE_KEY_RING: ring } = this.configuration;
    return store !== undefined && ring !== undefined;
  }

  /** @throws DomainError `conflict` when it does not archive */
  mustBeConfigured(): void {
    if (!this.isConfigured) configured(undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    const { store, ring } = this.opened;
    const [opened, unlocked] = await Promise.all([store?.catch(() => undefined), ring?.catch(() => undefined)]);
    opened?.close();
    unlocked?.close();
  }
}

function configured(address: string | undefined): string {
  if (address !== undefined) return address;
  throw new DomainError(
    'conflict',
    'archives_not_configured',
    'this installation archives nothing: HOLDFAST_ARCHIVE_STORE and HOLDFAST_ARCHIVE_KEY_RING are not set',
  );
}
