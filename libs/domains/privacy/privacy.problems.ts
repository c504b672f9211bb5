import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of this domain's errors. */
export const PRIVACY_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'privacy_policy_not_found',
    kind: 'not_found',
    meaning: 'There is no privacy policy of this id.',
    whatToDo: 'List them with GET /v1/privacy-policies; read `built-in` for one to start from.',
  },
  {
    code: 'unusable_privacy_policy',
    kind: 'invalid',
    meaning:
      'The policy names classes that nobody knows, leaves environments without actions, hashes what can be guessed, or makes tokens where no key is configured.',
    whatToDo: 'Mend what `errors` lists, or set HOLDFAST_TOKEN_KEYS of the API.',
  },
  {
    code: 'built_in_policy',
    kind: 'conflict',
    meaning: 'The policy `built-in` is part of Holdfast and cannot be changed.',
    whatToDo: 'Read it, change what you need, and PUT it under another id; `default` is the one that is followed.',
  },
  {
    code: 'masking_unavailable',
    kind: 'unavailable',
    meaning:
      'The policy `default` makes tokens, and the key for them has gone from the configuration. Nothing is stored raw instead.',
    whatToDo: 'Set HOLDFAST_TOKEN_KEYS of the API again, or change the policy.',
  },
];
