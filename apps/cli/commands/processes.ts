import type { Command } from 'commander';
import { addApply, listDocuments, showDocument } from '../documents';

interface Process {
  readonly id: string;
  readonly version: number;
  readonly stages: readonly { readonly id: string }[];
  readonly window: { readonly seconds: number; readonly scheduled: boolean };
  readonly graceSeconds: number;
  readonly escalationPolicy?: string;
  readonly changedBy: string;
  readonly changedAt: string;
}

export function addProcesses(program: Command): void {
  const group = program.command('processes').description('business processes as they cross systems');
  addApply(group, 'process');
  listDocuments<Process>(group, '/v1/processes', 'processes', [
    { title: 'id', value: ({ id }) => id },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'stages', value: ({ stages }) => stages.map(({ id }) => id).join(' -> ') },
    { title: 'window', value: ({ window }) => `${window.seconds} s${window.scheduled ? ', scheduled' : ''}` },
    { title: 'grace', value: ({ graceSeconds }) => `${graceSeconds} s` },
    { title: 'policy', value: ({ escalationPolicy }) => escalationPolicy },
    { title: 'changed', value: ({ changedAt }) => changedAt },
    { title: 'by', value: ({ changedBy }) => changedBy },
  ]);
  showDocument(group, '/v1/processes', 'process');
}
