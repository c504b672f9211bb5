import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of processes. */
export const CATALOG_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'process_not_found',
    kind: 'not_found',
    meaning: 'There is no process of this id.',
    whatToDo: 'List them with GET /v1/processes.',
  },
  {
    code: 'source_not_found',
    kind: 'not_found',
    meaning: 'Nothing is said of this source. It may send events all the same.',
    whatToDo: 'List what is said of sources with GET /v1/sources.',
  },
  {
    code: 'unknown_process',
    kind: 'invalid',
    meaning: 'The request, or a record of it, names a process that does not exist.',
    whatToDo: 'Check the id with GET /v1/processes, or define it first with PUT /v1/processes/{id}.',
  },
  {
    code: 'unknown_escalation_policy',
    kind: 'invalid',
    meaning:
      'The process, the source or another document names an escalation policy that does not exist, so that nobody would be paged.',
    whatToDo: 'Define it first with PUT /v1/escalation-policies/{id}, or leave it out.',
  },
];
