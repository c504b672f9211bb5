import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder clickhouse/ of this code: beside libs/ in the sources, and in dist/ once built. */
export const sourceFolder: string = (() => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const found = join(folder, 'clickhouse/queries');
    if (existsSync(found)) return join(folder, 'clickhouse');
    if (folder === dirname(folder)) throw new Error('clickhouse/queries is missing from the build');
  }
})();
