import { existsSync, readFileSync } from 'node:fs';
// Not the index: it loads Nest, which takes a while.
import { ConfigurationError, readVariables, type Environment } from '@holdfast/platform/config/configuration';
import { commandLineVariables } from '@holdfast/platform/config/variables';
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

export const DEFAULT_URL = commandLineVariables.HOLDFAST_URL.schema.parse(undefined);

/** @throws UsageError */
export function urlOf({ url }: GlobalOptions, env: Environment = process.env): string {
  if (url === undefined) return read(env).HOLDFAST_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError('--url must be an address such as http://127.0.0.1:3000');
  return url;
}

/**
 * The key to show: that of the command line, else of the environment, else of the stack that runs in the default directory.
 * @returns undefined when there is none anywhere; the API will say what it needs
 * @throws UsageError when a file that was named cannot be read
 */
export function keyOf({ key, keyFile }: GlobalOptions, env: Environment = process.env): string | undefined {
  if (key !== undefined) return key;
  if (keyFile !== undefined) return textOf(keyFile, '--key-file');
  const { HOLDFAST_KEY } = read({ ...env, HOLDFAST_URL: undefined });
  if (HOLDFAST_KEY !== undefined) return HOLDFAST_KEY;
  const own = adminKeyFile(defaultDataDirectory(env));
  return existsSync(own) ? textOf(own, 'the default key file') : undefined;
}

function read(env: Environment): ReturnType<typeof readVariables<typeof commandLineVariables>> {
  try {
    return readVariables(commandLineVariables, env);
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(error.message) : error;
  }
}

function textOf(path: string, named: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new UsageError(`${named} names ${path}, which cannot be read`);
  }
}
