import { Option, type Command } from 'commander';
import { BODY_TYPES_OF, type FormatKind } from '@holdfast/domains/mapping/core/mapping';
import { accountColumns } from '../account';
import type { ApiClient, Receipt } from '../api-client';
import { answerIs, contextOf, segment } from '../context';
import { UsageError } from '../exit';
import { count, seconds, table } from '../output';
import { startProgress } from '../progress';
import { chunksOf, openInput, receiptOf, sendChunks, type Input } from '../send-lines';

export function addIngest(program: Command): void {
  program
    .command('ingest')
    .argument(
      '<file>',
      'NDJSON, or a body in the format of the mapping; also compressed with gzip; - reads standard input',
    )
    .addOption(
      new Option('--format <format>', "what the file is (default: ndjson, or the mapping's)").choices([
        ...Object.keys(TYPES),
        ...Object.keys(BODY_TYPES_OF),
      ]),
    )
    .option('--mapping <id>', 'which field is what: for csv, xml, x12, edifact and debezium')
    .description(
      'send tracking events; sending them again stores nothing twice. Ends with 1 when a record was not stored',
    )
    .action(async (file: string, { mapping, format }: IngestOptions, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const type = mapping === undefined ? typeOf(format) : await typeByMapping(client, mapping, format);
      const input = openInput(file);
      const startedAt = performance.now();
      const progress = output.isJson ? undefined : startProgress('sending events', input.size);
      let receipt: Receipt;
      try {
        const show = (received: number): void =>
          progress?.update(input.size === undefined ? received : input.read(), `${count(received)} events`);
        receipt =
          type === LINES
            ? await sendChunks(client, chunksOf(input.bytes), ({ received }) => show(received), mapping)
            : await receiptOf(() => client.streamEvents(told(input, progress), type, mapping));
      } finally {
        progress?.stop();
      }
      const ms = performance.now() - startedAt;
      output.document({ ...receipt, seconds: Math.round(ms) / 1000 }, () => receiptText(receipt, ms));
      answerIs(receipt.rejected + receipt.conflict + receipt.quarantined === 0);
    });
}

const LINES = 'application/x-ndjson';

/** Formats whose records are events already. */
const TYPES = {
  ndjson: LINES,
  json: 'application/json',
  cloudevent: 'application/cloudevents+json',
  'cloudevents-batch': 'application/cloudevents-batch+json',
} as const;

interface IngestOptions {
  readonly mapping?: string;
  readonly format?: keyof typeof TYPES | FormatKind;
}

/** What a file without a mapping is sent as. */
function typeOf(format: NonNullable<IngestOptions['format']> = 'ndjson'): string {
  if (format in TYPES) return TYPES[format as keyof typeof TYPES];
  throw new UsageError(`--format ${format} needs --mapping: which field is what`);
}

/** What a body by this mapping is sent as. */
async function typeByMapping(client: ApiClient, mapping: string, asked: string | undefined): Promise<string> {
  const { format } = await client.get<{ readonly format: { readonly kind: FormatKind } }>(
    `/v1/mappings/${segment(mapping)}`,
  );
  if (asked !== undefined && asked !== format.kind)
    throw new UsageError(`the mapping ${mapping} reads ${format.kind}, and not ${asked}`);
  return BODY_TYPES_OF[format.kind][0];
}

/** The bytes of a body that is sent as one, with how many went out. */
async function* told(input: Input, progress: ReturnType<typeof startProgress> | undefined): AsyncGenerator<Buffer> {
  for await (const part of input.bytes) {
    yield part;
    progress?.update(input.read(), `${count(input.read())} bytes`);
  }
}

function receiptText(receipt: Receipt, ms: number): string {
  const { received, conflict, quarantined, rejected, problems } = receipt;
  const rate = count(Math.round(received / (ms / 1000)));
  const without = receipt.skipped === undefined ? '' : `, ${count(receipt.skipped)} messages that say nothing`;
  const account = table([receipt], accountColumns);
  if (problems.length === 0) return `${account}\n${seconds(ms)}, ${rate} events/s${without}`;
  const named = table(problems, [
    { title: 'record', value: ({ line }) => line, align: 'right' },
    { title: 'outcome', value: ({ outcome }) => outcome },
    { title: 'code', value: ({ code }) => code },
    { title: 'field', value: ({ field }) => field },
    { title: 'reason', value: ({ reason }) => reason },
  ]);
  const more = conflict + quarantined + rejected - problems.length;
  return `${account}\n${seconds(ms)}, ${rate} events/s${without}\n\n${named}${more > 0 ? `\n... and ${count(more)} more` : ''}`;
}
