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
    code: 'decision_not_found',
    kind: 'not_found',
    meaning: 'There is no decision of this id.',
    whatToDo: 'List them with GET /v1/decisions.',
  },
  {
    code: 'decision_closed',
    kind: 'conflict',
    meaning: 'The decision waits for nobody: it took effect, was refused, lapsed, or needs no approval.',
    whatToDo: 'Read it: its steps say what became of it. Propose another one if it is needed still.',
  },
  {
    code: 'own_proposal',
    kind: 'conflict',
    meaning: 'Who proposed a decision cannot approve or refuse it.',
    whatToDo: 'Ask somebody else who may.',
  },
  {
    code: 'unknown_window',
    kind: 'invalid',
    meaning: 'The window that is named is none of the process, or was not judged yet.',
    whatToDo: 'List windows with GET /v1/reconciliations?process=ID.',
  },
  {
    code: 'reporting_gate_not_found',
    kind: 'not_found',
    meaning: 'There is no reporting gate of this id, or none for periods of this kind.',
    whatToDo: 'List them with GET /v1/reporting-gates/definitions.',
  },
  {
    code: 'invalid_period',
    kind: 'invalid',
    meaning: 'What should name a period is no day (2026-11-20), month (2026-11) or quarter (2026-Q4).',
    whatToDo: 'Write it in one of these forms.',
  },
  {
    code: 'gate_closed',
    kind: 'conflict',
    meaning: 'The period may not be reported: the text says what stands against it. Nothing was stated.',
    whatToDo: 'Read GET /v1/reporting-gates/{period}, settle what stands against it, and ask again.',
  },
  {
    code: 'no_statement_key',
    kind: 'conflict',
    meaning: 'This installation has no key to sign statements with.',
    whatToDo: 'Set HOLDFAST_STATEMENT_KEYS of the API.',
  },
  {
    code: 'statement_not_found',
    kind: 'not_found',
    meaning: 'There is no statement of this id.',
    whatToDo: 'List those of a period with GET /v1/reporting-gates/{period}/statements.',
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
