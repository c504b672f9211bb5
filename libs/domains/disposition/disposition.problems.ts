import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of runs of retention and of certificates. */
export const DISPOSITION_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'retention_run_not_found',
    kind: 'not_found',
    meaning: 'There is no run of retention of this id.',
    whatToDo: 'List them with GET /v1/retention-runs.',
  },
  {
    code: 'retention_run_open',
    kind: 'conflict',
    meaning: 'Another run is under way, or waits for its approval: one at a time. `run` names it.',
    whatToDo: 'Approve it, refuse it or call it off first. A dry run may always be started.',
  },
  {
    code: 'certificate_not_found',
    kind: 'not_found',
    meaning: 'There is no certificate of this id.',
    whatToDo: 'List them with GET /v1/certificates.',
  },
];
