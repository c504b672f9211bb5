import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The prebuilt workflow bundle: dist/workflow-bundle.js, also when this file runs from the sources in a test. */
export const bundlePath: string = (() => {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    for (const found of [join(folder, 'workflow-bundle.js'), join(folder, 'dist/workflow-bundle.js')])
      if (existsSync(found)) return found;
  }
  return join(process.cwd(), 'dist/workflow-bundle.js');
})();
