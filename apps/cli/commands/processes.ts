import type { Command } from 'commander';
import { applyFile, listDocuments, showDocument } from '../documents';

interface Process {
  readonly id: string;
  readonly version: number;
  readonly stages: readonly { readonly id: string }[];
  readonly window: {
    readonly scheduled: boolean;
    readonly seconds?: number;
    readonly every?: number;
    readonly calendar?: { readonly unit: string; readonly zone: string };
    readonly opensOn?: { readonly stage: string; readonly type: string };
  };
  readonly graceSeconds: number;
  readonly escalationPolicy?: string;
  readonly changedBy: string;
  readonly changedAt: string;
}

export function addProcesses(program: Command): void {
  const group = program.command('processes').description('business processes as they cross systems');
  applyFile(group, 'process');
  listDocuments<Process>(group, '/v1/processes', 'processes', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'stages', value: ({ stages }) => stages.map(({ id }) => id).join(' -> ') },
    { title: 'window', value: ({ window }) => windowText(window) },
    { title: 'grace', value: ({ graceSeconds }) => `${graceSeconds} s` },
    { title: 'policy', value: ({ escalationPolicy }) => escalationPolicy },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, '/v1/processes', 'process');
}

function windowText({ seconds, every, calendar, opensOn, scheduled }: Process['window']): string {
  const length = calendar ? `${calendar.unit} of ${calendar.zone}` : opensOn ? `until ${opensOn.type}` : `${seconds} s`;
  return `${length}${every === undefined ? '' : ` every ${every} s`}${scheduled ? ', scheduled' : ''}`;
}
