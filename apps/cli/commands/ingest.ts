import type { Command } from 'commander';
import { accountColumns } from '../account';
import type { Receipt } from '../api-client';
import { answerIs, contextOf } from '../context';
import { count, seconds, table } from '../output';
import { startProgress } from '../progress';
import { chunksOf, openInput, sendChunks } from '../send-lines';

export function addIngest(program: Command): void {
  program
    .command('ingest')
    .argument('<file>', 'NDJSON, also compressed with gzip; - reads standard input')
    .description(
      'send tracking events; sending them again stores nothing twice. Ends with 1 when a record was not stored',
    )
    .action(async (file: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, 'transfer');
      const input = openInput(file);
      const startedAt = performance.now();
      const progress = output.isJson ? undefined : startProgress('sending events', input.size);
      let receipt: Receipt;
      try {
        receipt = await sendChunks(client, chunksOf(input.bytes), ({ received }) =>
          progress?.update(input.size === undefined ? received : input.read(), `${count(received)} events`),
        );
      } finally {
        progress?.stop();
      }
      const ms = performance.now() - startedAt;
      output.document({ ...receipt, seconds: Math.round(ms) / 1000 }, () => receiptText(receipt, ms));
      answerIs(receipt.rejected + receipt.conflict + receipt.quarantined === 0);
    });
}

function receiptText(receipt: Receipt, ms: number): string {
  const { received, conflict, quarantined, rejected, problems } = receipt;
  const rate = count(Math.round(received / (ms / 1000)));
  const account = table([receipt], accountColumns);
  if (problems.length === 0) return `${account}\n${seconds(ms)}, ${rate} events/s`;
  const named = table(problems, [
    { title: 'record', value: ({ line }) => line, align: 'right' },
    { title: 'outcome', value: ({ outcome }) => outcome },
    { title: 'code', value: ({ code }) => code },
    { title: 'field', value: ({ field }) => field },
    { title: 'reason', value: ({ reason }) => reason },
  ]);
  const more = conflict + quarantined + rejected - problems.length;
  return `${account}\n${seconds(ms)}, ${rate} events/s\n\n${named}${more > 0 ? `\n... and ${count(more)} more` : ''}`;
}
