import type { AnySaga, SagaStep } from '@holdfast/platform/workflow-kit';
import { catalog } from '@holdfast/workflows/catalog';

/** docs/sagas.md: every saga of the catalog, step by step. */
export function sagasPage(): string {
  const sagas = Object.values<object>(catalog).filter(isSaga);
  const about = [
    'What Holdfast does in steps that are undone together or carried to their end, as each saga declares it.',
    'A step is repeated under its key until it is done or fails for good; see [ADR 28](adr/0028-runs-of-retention.md).',
  ];
  return [
    `# Sagas\n\n${about.join(' ')}`,
    ...sagas.map(({ name, steps }) => {
      const rows = Object.entries(steps).map(
        ([step, of]) => `| ${step} | ${of.says} | ${endOf(of)} | ${repeatOf(of)} |`,
      );
      return [
        `## ${name}\n`,
        '| step | what it does | when it failed for good, or is called off | a repeat |',
        '| --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    }),
  ]
    .join('\n\n')
    .concat('\n');
}

const isSaga = (contract: object): contract is AnySaga => 'steps' in contract;

function endOf(step: SagaStep): string {
  if (step.does === 'approval') return 'nothing was done';
  if (step.undo === 'nothing') return 'it changes nothing';
  if (step.undo === 'forward_only')
    return `goes forward only${step.mayBeCutShort ? '; leaves what it has not done' : ''}`;
  return step.undo.says;
}
const repeatOf = (step: SagaStep): string => (step.does === 'approval' ? '' : step.terms.repeat);
