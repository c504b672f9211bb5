import type { Command } from 'commander';
import { applyFile, listDocuments, showDocument } from '../documents';
import { count } from '../output';

interface Source {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly steward?: string;
  readonly invalidRecords: string;
  readonly rateLimit?: { readonly recordsPerSecond: number };
  readonly dailyQuota?: number;
}

export function addSources(program: Command): void {
  const group = program
    .command('sources')
    .description('systems that send events: who answers for them, what they may send');
  applyFile(group, 'source');
  listDocuments<Source>(group, '/v1/sources', 'sources', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'owner', value: ({ owner }) => owner },
    { title: 'steward', value: ({ steward }) => steward },
    { title: 'invalid records', value: ({ invalidRecords }) => invalidRecords },
    { title: 'records/s', value: ({ rateLimit }) => rateLimit && count(rateLimit.recordsPerSecond), align: 'right' },
    { title: 'records/day', value: ({ dailyQuota }) => dailyQuota && count(dailyQuota), align: 'right' },
  ]);
  showDocument(group, '/v1/sources', 'source');
}
