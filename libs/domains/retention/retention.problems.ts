import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of retention policies. */
export const RETENTION_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'retention_policy_not_found',
    kind: 'not_found',
    meaning: 'There is no retention policy of this id.',
    whatToDo: 'List them with GET /v1/retention-policies.',
  },
  {
    code: 'contradictory_policy',
    kind: 'invalid',
    meaning: 'The policy contradicts itself, its statute, or another policy that the same record may match.',
    whatToDo:
      '`errors` names the term and what it contradicts. Narrow one of the two by `match`, or change its period.',
  },
  {
    code: 'record_not_found',
    kind: 'not_found',
    meaning: 'There is no record of this id or key in the process.',
    whatToDo: 'Look at GET /v1/events, or ask by attributes alone: leave id and key out.',
  },
];
