import { ProblemError, type Answer, type ApiClient } from '../../apps/cli/api-client';
import type { Saboteur } from './kill-schedule';
import type { Stage } from './stage';

interface ProcessDocument {
  readonly version: number;
  readonly description: string;
}

/** A version and what stands in it. */
interface Update {
  readonly version: number;
  readonly text: string;
}

export interface DocumentsPlayed {
  readonly acknowledged: readonly (Update & { readonly answered: Update })[];
  /** All versions that there are in the end, oldest first. */
  readonly history: readonly Update[];
  /** How many different bodies the engine holds for a version, where it is not one. */
  readonly overwritten: readonly { readonly version: number; readonly bodies: string }[];
  readonly retries: number;
}

const WRITERS = 3;
const FEWEST_UPDATES = 5;

const body = (description: string) => ({
  description,
  stages: [
    { id: 'shop', role: 'source' },
    { id: 'erp', role: 'target' },
  ],
});
/** Says who wrote it and what it changes: a version that was made from another one than the one before it has lost an update. */
const textOf = (writer: number, update: number, on: number): string => `writer ${writer}, update ${update}, on ${on}`;
export const baseOf = (text: string): number => Number(/ on (\d+)$/.exec(text)?.[1]);

/** Several writers change one document at the same time for as long as processes are killed. */
export async function playDocuments(
  { client, engine }: Stage,
  round: number,
  saboteur: Saboteur,
): Promise<DocumentsPlayed> {
  const id = `fault-documents-${round}`;
  let retries = 0;
  const api = client(() => retries++);
  const first = await api
    .put<ProcessDocument>(`/v1/processes/${id}`, body(textOf(0, 1, 0)), undefined)
    .catch(unlessChanged);
  const acknowledged: DocumentsPlayed['acknowledged'][number][] = first ? [acknowledgedBy(first, textOf(0, 1, 0))] : [];
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, index) => {
      for (let update = 1; update <= FEWEST_UPDATES || saboteur.isAtWork; update++) {
        const made = await write(api, id, index + 1, update);
        if (made) acknowledged.push(made);
      }
    }),
  );
  await saboteur.over;
  const history: Update[] = [];
  for await (const { version, description } of api.items<ProcessDocument>(`/v1/processes/${id}/history`))
    history.unshift({ version, text: description });
  const overwritten = await engine.rows<{ version: number; bodies: string }>(
    `SELECT version, uniqExact(body, proposal) AS bodies FROM documents
     WHERE kind = 'process' AND id = {id:String} GROUP BY version HAVING bodies != 1`,
    { id },
  );
  return { acknowledged, history, overwritten, retries };
}

/** @returns undefined when somebody was faster, or when a repeat met what the first try had made: then nobody knows */
async function write(api: ApiClient, id: string, writer: number, update: number) {
  const seen = await api.find<ProcessDocument>(`/v1/processes/${id}`);
  if (!seen) throw new Error(`the document ${id}, which was acknowledged, is not there`);
  const text = textOf(writer, update, seen.body.version);
  const answer = await api.put<ProcessDocument>(`/v1/processes/${id}`, body(text), seen.etag).catch(unlessChanged);
  return answer && acknowledgedBy(answer, text);
}

/** The entity tag names the version that the update became; the body of the answer must be that version too. */
const acknowledgedBy = ({ etag, body }: Answer<ProcessDocument>, text: string) => ({
  version: Number(etag?.replaceAll('"', '')),
  text,
  answered: { version: body.version, text: body.description },
});

function unlessChanged(error: unknown): undefined {
  if (error instanceof ProblemError && error.problem.status === 412) return undefined;
  throw error;
}
