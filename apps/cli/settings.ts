import { existsSync, readFileSync } from 'node:fs';
import { adminKeyFile, defaultDataDirectory } from '../standalone/data-directory';
import { UsageError } from './exit';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
  readonly retryFor?: number;
}

export const DEFAULT_URL = 'http://127.0.0.1:3000';

export function urlOf({ url = process.env['HOLDFAST_URL'] ?? DEFAULT_URL }: GlobalOptions): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError('--url (or HOLDFAST_URL) must be an address such as http://127.0.0.1:3000');
  return url;
}

/**
 * The key to show: that of the command line, else of the environment, else of the stack that runs in the default directory.
 * @returns undefined when there is none anywhere; the API will say what it needs
 * @throws UsageError when a file that was named cannot be read
 */
export function keyOf({ key, keyFile }: GlobalOptions, env = process.env): string | undefined {
  if (key !== undefined) return key;
  if (keyFile !== undefined) return read(keyFile, '--key-file');
  if (env['HOLDFAST_KEY'] !== undefined) return env['HOLDFAST_KEY'];
  if (env['HOLDFAST_KEY_FILE'] !== undefined) return read(env['HOLDFAST_KEY_FILE'], 'HOLDFAST_KEY_FILE');
  const own = adminKeyFile(defaultDataDirectory(env));
  return existsSync(own) ? read(own, 'the default key file') : undefined;
}

function read(path: string, named: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new UsageError(`${named} names ${path}, which cannot be read`);
  }
}
