import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Client } from '@temporalio/client';

/** A text and where it was found. */
export interface Text {
  readonly place: string;
  readonly text: string;
}

/**
 * Texts that must stay where they were put, and the search for them elsewhere: as they are in any letter case, in hexadecimal, and in base 64 at each place
 * that they can begin at. Letters and digits serve best: no escaping changes them.
 */
export class Canaries {
  private readonly forms: readonly { readonly text: string; readonly encoded: readonly string[] }[];

  constructor(planted: readonly string[]) {
    for (const one of planted) if (one.length < 8) throw new TypeError('a canary is too short to be told from chance');
    this.forms = planted.map((one) => ({
      text: one.toLowerCase(),
      encoded: [0, 1, 2].map((offset) => {
        const text = Buffer.from(' '.repeat(offset) + one).toString('base64');
        // The first and last characters depend on what stands beside it.
        return text.slice(offset === 0 ? 0 : 4, -4);
      }),
    }));
  }

  shownBy(text: string): boolean {
    const lower = text.toLowerCase();
    return this.forms.some(
      ({ text: planted, encoded }) =>
        lower.includes(planted) ||
        lower.includes(Buffer.from(planted).toString('hex')) ||
        encoded.some((one) => text.includes(one)),
    );
  }

  /** Places that show one, each with enough of the text around it to see what it is part of. */
  in(texts: Iterable<Text>): string[] {
    const found: string[] = [];
    for (const { place, text } of texts) if (this.shownBy(text)) found.push(`${place}: ${this.excerpt(text)}`);
    return found;
  }

  private excerpt(text: string): string {
    const lower = text.toLowerCase();
    const places = this.forms.map(({ text: planted }) => lower.indexOf(planted)).filter((at) => at >= 0);
    const at = Math.min(...places, lower.length);
    return text.slice(Math.max(0, at - 150), at + 40);
  }
}

/** Every file below a folder, byte for byte, but those below `except`. */
export function* textsOfFiles(folder: string, except: readonly string[] = []): Generator<Text> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || except.some((one) => path.startsWith(one + sep))) continue;
    const text = contentOf(path);
    if (text !== undefined) yield { place: relative(folder, path), text };
  }
}

/** Undefined for a file that has gone meanwhile: processes that run make and remove some. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The folders in which the embedded engine of a stack keeps bodies on their way. @param dataDir of the stack @returns paths of those that are there */
export function spoolFolders(dataDir: string): string[] {
  const key = createHash('sha256').update(join(dataDir, 'clickhouse')).digest('hex').slice(0, 16);
  return ['/dev/shm', dirname(join(dataDir, 'clickhouse'))].flatMap((parent) => {
    try {
      return readdirSync(parent)
        .filter((name) => name.startsWith(`holdfast-spool-${key}-`))
        .map((name) => join(parent, name));
    } catch {
      return []; // a system without memory as a folder
    }
  });
}

/** Every text of the histories and descriptions of these runs. */
export async function textsOfRuns(
  temporal: Client,
  runs: readonly { readonly workflowId: string; readonly runId: string }[],
): Promise<Text[]> {
  const texts: Text[] = [];
  for (const { workflowId, runId } of runs) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    collectTexts(await handle.fetchHistory(), `${workflowId} history`, texts);
    const { raw } = await handle.describe();
    collectTexts(raw, `${workflowId} description`, texts);
  }
  return texts;
}

/** All texts of a message of Temporal's API, payloads decoded, whatever message they are part of. */
export function collectTexts(value: unknown, place: string, into: Text[]): void {
  if (typeof value === 'string') into.push({ place, text: value });
  else if (value instanceof Uint8Array) into.push({ place, text: Buffer.from(value).toString('latin1') });
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      into.push({ place: `${place} member`, text: name });
      collectTexts(member, `${place}.${name}`, into);
    }
  }
}
