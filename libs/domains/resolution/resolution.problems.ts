import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of resolution rules, decisions, reporting gates and statements. */
export const RESOLUTION_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'resolution_rule_not_found',
    kind: 'not_found',
    meaning: 'There is no resolution rule of this id.',
    whatToDo: 'List them with GET /v1/resolution-rules.',
  },
  {
    code: 'unusable_rule',
    kind: 'invalid',
    meaning: 'The rule names what does not exist or is not configured, or has a pattern that could take far too long.',
    whatToDo: 'Mend what `errors` lists.',
  },
  {
    code: 'connector_missing',
    kind: 'conflict',
    meaning: 'A rule wants keys sent again by a connector that is not configured. Nothing was sent.',
    whatToDo: 'Set HOLDFAST_CONNECTORS and HOLDFAST_CONNECTOR_SECRETS of the worker, or change the rule.',
  },
  {
    code: 'connector_refused',
    kind: 'conflict',
    meaning: 'A source refused to send keys again; the discrepancies are left to the next rule, or to people.',
    whatToDo: 'Look at what the source says of the request, then mend the connector or the rule.',
  },
  {
    code: 'connector_unavailable',
    kind: 'unavailable',
    meaning: 'A source could not be reached in time. It is asked again.',
    whatToDo: 'Nothing, unless it lasts.',
  },
];
