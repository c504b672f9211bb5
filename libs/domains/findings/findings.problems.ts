import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of findings. */
export const FINDING_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'finding_not_found',
    kind: 'not_found',
    meaning: 'There is no finding of this id.',
    whatToDo: 'List them with GET /v1/findings.',
  },
  {
    code: 'finding_closed',
    kind: 'conflict',
    meaning: 'The finding is fixed or accepted already.',
    whatToDo: 'Nothing; one that was fixed is open again when it occurs again.',
  },
];
