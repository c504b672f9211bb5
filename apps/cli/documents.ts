import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseAllDocuments, stringify } from 'yaml';
import { ProblemError, type ApiClient } from './api-client';
import { contextOf, segment } from './context';
import { UsageError } from './exit';
import { type Column, table } from './output';

/** Kinds of documents in the order in which they are applied: a process names its policy. */
const PATHS = {
  'privacy-policy': '/v1/privacy-policies',
  channel: '/v1/channels',
  person: '/v1/people',
  'on-call-schedule': '/v1/on-call-schedules',
  'escalation-policy': '/v1/escalation-policies',
  'suppression-window': '/v1/suppression-windows',
  'inhibition-rule': '/v1/inhibition-rules',
  'flapping-rule': '/v1/flapping-rules',
  process: '/v1/processes',
  'resolution-rule': '/v1/resolution-rules',
  'reporting-gate': '/v1/reporting-gates/definitions',
  source: '/v1/sources',
  contract: '/v1/contracts',
  mapping: '/v1/mappings',
  objective: '/v1/objectives',
  'alert-rule': '/v1/alert-rules',
  'retention-policy': '/v1/retention-policies',
  reference: '/v1/references',
  comparison: '/v1/comparison-definitions',
  'synthetic-transaction': '/v1/synthetic-transactions',
  heartbeat: '/v1/heartbeats',
} as const;
type Kind = keyof typeof PATHS;
const KINDS = Object.keys(PATHS) as Kind[];

/** What a file says of one document. */
export interface Document {
  readonly kind: Kind;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Applied {
  readonly kind: Kind;
  readonly id: string;
  readonly version: number;
  readonly outcome: 'created' | 'changed' | 'unchanged';
}

/** Reads the documents of a file of YAML, of which JSON is a part. @param usual kind of those that name none. @throws UsageError naming the document that is wrong */
export function readDocuments(path: string, usual: Kind = 'process'): Document[] {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    throw new UsageError(`${path} cannot be read`);
  }
  const values = parseAllDocuments(text).flatMap((one) => {
    const [error] = 'errors' in one ? one.errors : [];
    if (error) throw new UsageError(`${path}: ${error.message}`);
    const value: unknown = 'toJS' in one ? one.toJS() : null;
    return value === null ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
  });
  if (values.length === 0) throw new UsageError(`${path} holds no document`);
  return values.map((value, index) => documentOf(value, usual, `${path}, document ${index + 1}`));
}

function documentOf(value: unknown, usual: Kind, where: string): Document {
  if (typeof value !== 'object' || value === null) throw new UsageError(`${where}: must be an object`);
  const { kind = usual, id, ...body } = value as Record<string, unknown>;
  if (!KINDS.includes(kind as Kind)) throw new UsageError(`${where}: kind must be ${KINDS.join(' or ')}`);
  if (typeof id !== 'string' || id === '') throw new UsageError(`${where}: id is missing`);
  return { kind: kind as Kind, id, body };
}

/**
 * Brings the API's documents to what is described, policies before the processes that name them. Schedules and policies may name one another either way: what is refused is tried again
 * after the others.
 */
export async function applyDocuments(client: ApiClient, documents: readonly Document[]): Promise<Applied[]> {
  const applied: Applied[] = [];
  let left = [...documents].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  while (left.length > 0) {
    const refused: { readonly document: Document; readonly error: unknown }[] = [];
    for (const document of left)
      try {
        applied.push(await applyOne(client, document));
      } catch (error) {
        if (!(error instanceof ProblemError) || !NAMES_NOTHING.has(error.problem.code)) throw error;
        refused.push({ document, error });
      }
    if (refused.length === left.length) throw refused[0]!.error;
    left = refused.map(({ document }) => document);
  }
  return applied;
}

/** Refusals of documents that name others, which may be among those that are still to be applied. */
const NAMES_NOTHING: ReadonlySet<string> = new Set(['unknown_escalation_policy', 'unusable_target', 'unknown_channel']);

interface Stored {
  readonly version: number;
}

/** Tries once more when somebody else, or this call's own first try, has changed the document in between. */
async function applyOne(client: ApiClient, document: Document, isRepeat = false): Promise<Applied> {
  const { kind, id, body } = document;
  const path = `${PATHS[kind]}/${segment(id)}`;
  const before = await client.find<Stored>(path);
  try {
    const { body: after } = await client.put<Stored>(path, body, before?.etag);
    const isSame = after.version === before?.body.version;
    // On a repeat, what is there already was made by the first try whose answer got lost.
    const outcome = !before ? 'created' : isSame && !isRepeat ? 'unchanged' : 'changed';
    return { kind, id, version: after.version, outcome };
  } catch (error) {
    const hasChanged = error instanceof ProblemError && error.problem.status === 412;
    if (!hasChanged || isRepeat) throw error;
    return applyOne(client, document, true);
  }
}

export function listDocuments<T>(group: Command, path: string, title: string, columns: readonly Column<T>[]): void {
  group
    .command('list')
    .description(`${title} by id`)
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<T>(path), columns, `there are no ${title}`);
    });
}

/** Applies a file's documents of all kinds. */
export function applyFile(group: Command, usual: Kind): void {
  group
    .command('apply')
    .argument('<file>', 'YAML or JSON, one document or several; - reads standard input')
    .description(
      `create or change what the file describes: each with its id and kind (default ${usual}; ${KINDS.join(', ')})`,
    )
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const applied = await applyDocuments(client, readDocuments(file, usual));
      if (output.isJson) for (const one of applied) output.line(one, () => '');
      else
        output.document(applied, () =>
          table(applied, [
            { title: 'kind', value: ({ kind }) => kind },
            { title: 'id', value: ({ id }) => id },
            { title: 'version', value: ({ version }) => version, align: 'right' },
            { title: 'outcome', value: ({ outcome }) => outcome },
          ]),
        );
    });
}

/** Shows a document as `apply` takes it. */
export function showDocument(group: Command, path: string, kind: Kind): void {
  group
    .command('show')
    .argument('<id>')
    .description('the newest version, as `apply` takes it')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.get<Record<string, unknown>>(`${path}/${segment(id)}`);
      const { id: own, version, changedBy, changedAt, ...body } = found;
      output.document(
        found,
        () =>
          `# version ${String(version)}, ${String(changedAt)} by ${String(changedBy)}\n${stringify({ kind, id: own, ...body }).trimEnd()}`,
      );
    });
}
