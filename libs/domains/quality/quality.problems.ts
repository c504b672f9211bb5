import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of objectives, references and KPIs. */
export const QUALITY_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'objective_not_found',
    kind: 'not_found',
    meaning: 'There is no objective of this id.',
    whatToDo: 'List them with GET /v1/objectives.',
  },
  {
    code: 'reference_not_found',
    kind: 'not_found',
    meaning: 'There is no reference of this id.',
    whatToDo: 'List them with GET /v1/references.',
  },
  {
    code: 'unknown_quality_stage',
    kind: 'invalid',
    meaning: 'The objective names a stage that its process does not have, or does not compare.',
    whatToDo: 'Name one of the process that is not an observer.',
  },
  {
    code: 'unusable_reference',
    kind: 'invalid',
    meaning: 'The reference names a process, a stage or a connection that does not exist, or one stage on both sides.',
    whatToDo: '`errors` names the fields; see GET /v1/processes, and have the operator configure the connection.',
  },
  {
    code: 'invalid_span',
    kind: 'invalid',
    meaning: 'The period that was asked for, with what was left out of it, is empty or too long.',
    whatToDo: 'Give both from and to, whole hours, 400 days apart at most.',
  },
];
