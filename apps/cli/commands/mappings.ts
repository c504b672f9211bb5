import type { Command } from 'commander';
import { applyFile, listDocuments, readDocuments, showDocument } from '../documents';
import { answerIs, contextOf, wholeNumber } from '../context';
import { UsageError } from '../exit';
import { table } from '../output';
import { openInput } from '../send-lines';

interface Mapping {
  readonly id: string;
  readonly version: number;
  readonly format: { readonly kind: string };
  readonly description?: string;
  readonly changedBy: string;
  readonly changedAt: string;
}
interface Preview {
  readonly records: readonly {
    readonly line: number;
    readonly event?: Readonly<Record<string, unknown>>;
    readonly rejection?: { readonly code: string; readonly field: string; readonly reason: string };
    readonly skipped?: boolean;
  }[];
  readonly broken?: { readonly line: number; readonly code: string; readonly reason: string };
}

const PATH = '/v1/mappings';
/** How much of a file is sent: the API takes 1 MiB, in Base64. */
const MOST_BYTES = 700_000;

export function addMappings(program: Command): void {
  const group = program
    .command('mappings')
    .description('how records of CSV, XML, X12, EDIFACT and Debezium become events');
  applyFile(group, 'mapping');
  listDocuments<Mapping>(group, PATH, 'mappings', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'format', value: ({ format }) => format.kind },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
    { title: 'description', value: ({ description }) => description },
  ]);
  showDocument(group, PATH, 'mapping');
  group
    .command('preview')
    .argument('<file>', 'a body in the format of the mapping, also compressed with gzip; - reads standard input')
    .option('--mapping <id>', 'the mapping to read it by')
    .option('--document <file>', 'or a file that holds one, which need not be stored')
    .option('--content-type <type>', 'where the format has several, such as application/json for an array of messages')
    .option('--limit <records>', 'how many records to show', wholeNumber(1, 100), 20)
    .description('show what the first records would become; nothing is stored. Ends with 1 when one would be rejected')
    .action(async (file: string, options: PreviewOptions, command: Command) => {
      const { client, output } = contextOf(command);
      const mapping = options.mapping ?? documentIn(options.document);
      const { bytes, isWhole } = await startOf(openInput(file).bytes);
      const shown = await client.post<Preview>(`${PATH}/preview`, {
        mapping,
        bodyBase64: bytes.toString('base64'),
        limit: options.limit,
        ...(options.contentType !== undefined && { contentType: options.contentType }),
      });
      if (!isWhole) output.note(`only the first ${MOST_BYTES} bytes were looked at; the last record may be cut off`);
      output.document(shown, () => previewText(shown));
      answerIs(!shown.broken && shown.records.every(({ rejection }) => !rejection));
    });
}

interface PreviewOptions {
  readonly mapping?: string;
  readonly document?: string;
  readonly contentType?: string;
  readonly limit: number;
}

function documentIn(file: string | undefined): unknown {
  if (file === undefined) throw new UsageError('--mapping or --document is needed');
  const [document, ...more] = readDocuments(file, 'mapping');
  if (more.length > 0 || document?.kind !== 'mapping') throw new UsageError(`${file} must hold one mapping`);
  return document.body;
}

async function startOf(parts: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const read: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    read.push(part);
    length += part.length;
    if (length > MOST_BYTES) break;
  }
  return { bytes: Buffer.concat(read).subarray(0, MOST_BYTES), isWhole: length <= MOST_BYTES };
}

function previewText({ records, broken }: Preview): string {
  const rows = records.map(({ line, event, rejection, skipped }) => ({
    line,
    outcome: rejection?.code ?? (skipped === true ? 'skipped' : 'event'),
    says: rejection ? `${rejection.field} ${rejection.reason}`.trim() : event && JSON.stringify(event),
  }));
  if (broken) rows.push({ line: broken.line, outcome: broken.code, says: broken.reason });
  if (rows.length === 0) return 'the body holds no record';
  return table(rows, [
    { title: 'record', value: ({ line }) => line, align: 'right' },
    { title: 'outcome', value: ({ outcome }) => outcome },
    { title: 'event or reason', value: ({ says }) => says },
  ]);
}
