import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { contextOf, segment } from '../context';
import { applyFile, listDocuments, showDocument } from '../documents';
import { UsageError } from '../exit';
import { facts, table } from '../output';

interface Policy {
  readonly id: string;
  readonly version: number;
  readonly rules: readonly unknown[];
  readonly detectors: readonly string[];
  readonly environments: Readonly<Record<string, unknown>>;
  readonly changedBy: string;
  readonly changedAt: string;
}

interface Preview {
  readonly environment: string;
  readonly policy: { readonly id: string; readonly version: number };
  readonly categories: readonly string[];
  readonly sensitivity: string;
  readonly fields: readonly {
    readonly path: string;
    readonly class: string;
    readonly category: string;
    readonly sensitivity: string;
    readonly action: string;
    readonly value?: unknown;
  }[];
  readonly moreFields: number;
}

const PATH = '/v1/privacy-policies';

export function addPrivacy(program: Command): void {
  const group = program
    .command('privacy')
    .description(
      'what is personal in events, and what is stored in its place; `default` is followed, `built-in` is to copy',
    );
  listDocuments<Policy>(group, PATH, 'privacy policies', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'rules', value: ({ rules }) => rules.length, align: 'right' },
    { title: 'detectors', value: ({ detectors }) => detectors.join(' ') },
    { title: 'environments', value: ({ environments }) => Object.keys(environments).join(' ') },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, PATH, 'privacy-policy');
  applyFile(group, 'privacy-policy');
  group
    .command('preview')
    .argument('<file>', 'the data of a record, or an array of them, as JSON; - reads standard input')
    .option('--policy <id>', 'another policy than the one that is followed', 'default')
    .description('what a policy makes of each field; nothing is stored, and no raw value is shown')
    .action(async (file: string, { policy }: { policy: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const found = await client.post<Preview>(`${PATH}/${segment(policy)}/preview`, readJson(file));
      output.document(found, () => previewText(found));
    });
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
}

function previewText({ environment, policy, categories, sensitivity, fields, moreFields }: Preview): string {
  const about = facts([
    ['policy', `${policy.id}, version ${policy.version}`],
    ['environment', environment],
    ['categories', categories.join(', ') || 'none'],
    ['sensitivity', sensitivity],
  ]);
  const rows = table(fields, [
    { title: 'field', value: ({ path }) => path },
    { title: 'class', value: (one) => one.class },
    { title: 'category', value: ({ category }) => category },
    { title: 'sensitivity', value: (one) => one.sensitivity },
    { title: 'action', value: ({ action }) => action },
    { title: 'value', value: ({ value }) => (value === undefined ? undefined : JSON.stringify(value)) },
  ]);
  return `${about}\n\n${rows}${moreFields > 0 ? `\n... and ${moreFields} more` : ''}`;
}
