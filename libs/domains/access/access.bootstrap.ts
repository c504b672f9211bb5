import { link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { newId } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import { newKey, secretHashOf } from './access.service';
import { AccessStore } from './access.store';
import { formatKey, parseKey, type KeyText } from './core/key';

/** The file for the first key is there, and is no key that only we can read. */
export class AdminKeyFileError extends Error {
  override readonly name = 'AdminKeyFileError';
}

/** Has the key that the configuration gives to probes. Not counted where it matters whether anybody was ever let in. */
const PROBER = { id: 'holdfast-prober', kind: 'machine', roles: ['prober'] } as const;
const ADMIN = { id: 'admin', kind: 'person', roles: ['admin'] } as const;
/** Who makes the first principal. */
const BY = 'holdfast';

/**
 * The key of the first administrator, made at the first start: when nobody was ever let in, and HOLDFAST_ADMIN_KEY_FILE says where to put it.
 *
 * The file is written before the key is stored. A crash in between leaves a file whose key is not stored yet, and still no principal: the next start
 * takes the key from that file and stores it. The other way round a crash would leave a key that nobody has ever seen, and a principal that keeps the next
 * start from making another. Who lost the key has another one made by HOLDFAST_NEW_ADMIN_KEY. Of two processes that start at once, one creates the file, and both store the key that it holds.
 */
@Injectable()
export class AccessBootstrap implements OnModuleInit {
  private readonly log = new Logger('Access');

  constructor(
    @Inject(AccessStore) private readonly store: AccessStore,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @throws AdminKeyFileError when the file exists and is not one that this made */
  async onModuleInit(): Promise<void> {
    await this.letAdministratorIn();
    await this.letProberIn();
  }

  private async letAdministratorIn(): Promise<void> {
    const { HOLDFAST_ADMIN_KEY_FILE: file, HOLDFAST_NEW_ADMIN_KEY: wanted } = this.configuration;
    if (file === undefined) return;
    const first = !(await this.store.hasPrincipals());
    if (!first && wanted !== 'true') return;
    const key = await keyIn(file);
    // What is stored is as it should be, be it revoked: a start is not to change that.
    if (!first && (await this.store.key(key.id))) return;
    const at = Date.now() * 1000;
    const stored = { id: key.id, principal: ADMIN.id, secretHash: secretHashOf(key.secret), expiresAt: undefined };
    // The key first: the principal is what says that this is done.
    await this.store.writeKey(stored, at, BY);
    await this.store.writePrincipal(ADMIN, at, BY);
    this.log.log(
      `made ${first ? 'the key of the first' : 'another key of the'} administrator; HOLDFAST_ADMIN_KEY_FILE holds it`,
    );
  }

  /** What is stored of the key is as it should be, be it revoked: a start is not to change that. */
  private async letProberIn(): Promise<void> {
    const key = parseKey(this.configuration.HOLDFAST_PROBE_KEY);
    if (!key || (await this.store.key(key.id))) return;
    const at = Date.now() * 1000;
    const stored = { id: key.id, principal: PROBER.id, secretHash: secretHashOf(key.secret), expiresAt: undefined };
    await this.store.writePrincipal(PROBER, at, BY);
    await this.store.writeKey(stored, at, BY);
  }
}

/** The key in the file; a new one where there is no file. */
async function keyIn(file: string): Promise<KeyText> {
  const key = newKey();
  if (await createWhole(file, `${formatKey(key)}\n`)) return key;
  const { mode } = await stat(file);
  const found = parseKey((await readFile(file, 'utf8')).trim());
  if (!found) throw new AdminKeyFileError(`${file} exists and holds no key; remove it, or name another file`);
  if ((mode & 0o077) !== 0)
    throw new AdminKeyFileError(`${file} holds a key that others may read; remove it, or name another file`);
  return found;
}

/** Creates the file with all of its text, readable by its owner alone, or not at all. @returns false when it is there already */
async function createWhole(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${newId()}`;
  await written(await open(draft, 'wx', 0o600), (handle) => handle.writeFile(text));
  try {
    await link(draft, file); // unlike rename, it does not replace
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error;
    await rename(draft, file); // a file system without hard links
  } finally {
    await rm(draft, { force: true });
  }
  await written(await open(dirname(file), 'r'), async () => undefined);
  return true;
}

/** Safe on the disk before the store says that the key exists. */
async function written(handle: FileHandle, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
