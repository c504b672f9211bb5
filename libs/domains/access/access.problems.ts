import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of this domain's errors. */
export const ACCESS_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'key_revoked',
    kind: 'unauthenticated',
    meaning: 'The key was taken back.',
    whatToDo: 'Use another key.',
  },
  {
    code: 'key_expired',
    kind: 'unauthenticated',
    meaning: 'The key has reached the time at which it expires.',
    whatToDo: 'Ask an administrator for a new one.',
  },
  {
    code: 'no_such_key',
    kind: 'not_found',
    meaning: 'There is no key of this id.',
    whatToDo: 'List the keys with GET /v1/keys.',
  },
  {
    code: 'expiry_in_the_past',
    kind: 'invalid',
    meaning: 'The key would have expired already.',
    whatToDo: 'Give an expiry in the future, or none.',
  },
  {
    code: 'principal_kind_fixed',
    kind: 'conflict',
    meaning: 'A person does not become a machine, nor a machine a person.',
    whatToDo: 'Give the kind that `kind` names, or take another id.',
  },
  {
    code: 'last_admin_key',
    kind: 'conflict',
    meaning: 'It would leave no valid key of an administrator, so that nobody could make keys any more.',
    whatToDo: "Make another administrator's key first.",
  },
];
