import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of contracts. */
export const CONTRACT_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'contract_not_found',
    kind: 'not_found',
    meaning: 'There is no contract of this event type, or not of this version.',
    whatToDo: 'List them with GET /v1/contracts.',
  },
  {
    code: 'unusable_schema',
    kind: 'invalid',
    meaning:
      'The schema of a contract is no JSON Schema 2020-12, refers to something outside of itself, or would take more than linear time to check.',
    whatToDo: 'Mend each place that `errors` names.',
  },
  {
    code: 'catastrophic_pattern',
    kind: 'invalid',
    meaning:
      'A regular expression of the schema can take time by the square of a text, or worse: one record could stop the intake of all others.',
    whatToDo:
      'Write it so that each text can be matched in one way alone, anchor it, or limit repeats; `errors` names the place.',
  },
  {
    code: 'incompatible_contract',
    kind: 'conflict',
    meaning: 'The new version of the contract breaks what its `compatibility` promises to readers of another version.',
    whatToDo:
      'Each of `problems` names a path and a version. Mend the schema, add an `upcast`, or choose another `compatibility` in this version.',
  },
];
