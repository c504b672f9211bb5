import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GENERATED } from './files';

/** Writes every generated file anew, into the repository that it is started in. */
async function main(): Promise<void> {
  for (const [path, make] of Object.entries(GENERATED)) {
    const file = join(process.cwd(), path);
    const text = await make();
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(path);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
