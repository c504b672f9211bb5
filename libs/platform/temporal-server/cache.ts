import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where downloaded and built programs are kept between checkouts: the user's cache directory (XDG), part `holdfast`. */
export function cacheDirectory(env: Environment = process.env): string {
  const configured = env['XDG_CACHE_HOME'];
  // A relative path is to be ignored, says the XDG base directory specification.
  const base = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(base, 'holdfast');
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The absolute path of a command, as a shell would find it; undefined when there is none. */
export function findOnPath(command: string, env: Environment = process.env): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, command))
    .find(isExecutable);
}
