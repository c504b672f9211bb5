import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of windows, verdicts and discrepancies. */
export const RECONCILIATION_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'backfill_not_found',
    kind: 'not_found',
    meaning: 'There is no back-fill of this id.',
    whatToDo: 'List them with GET /v1/backfills.',
  },
  {
    code: 'reconciliation_not_found',
    kind: 'not_found',
    meaning: 'No window of this id was opened.',
    whatToDo: 'List them with GET /v1/reconciliations.',
  },
  {
    code: 'revision_not_found',
    kind: 'not_found',
    meaning: 'The window has no revision of this number.',
    whatToDo: 'List its revisions with GET /v1/reconciliations/{id}/revisions.',
  },
  {
    code: 'window_overlaps',
    kind: 'conflict',
    meaning: 'Another window of the process shares time with this one, so that an event would be judged twice.',
    whatToDo: 'Use the window that the text names, or choose bounds that share no time with it.',
  },
  {
    code: 'reconciliation_closed',
    kind: 'conflict',
    meaning: 'The window is closed: it matched, healed, was accepted or was cancelled.',
    whatToDo: 'Nothing; or judge it again with POST /v1/reconciliations/{id}/judge, which reopens it.',
  },
  {
    code: 'no_gaps',
    kind: 'conflict',
    meaning: 'The window has no open discrepancies that could be accepted.',
    whatToDo: 'Read the window: its state and newest verdict say what it is at.',
  },
  {
    code: 'revision_changed',
    kind: 'conflict',
    meaning:
      'The window was judged again since the revision that was to be accepted, and may hold what nobody has seen. Nothing was accepted.',
    whatToDo: 'Read the newest revision and its discrepancies, and accept of that.',
  },
  {
    code: 'unknown_discrepancy',
    kind: 'invalid',
    meaning: 'A discrepancy that is to be accepted is not in the newest revision: it has healed, or never was.',
    whatToDo: 'List what is open with GET /v1/reconciliations/{id}/discrepancies?status=open, and accept of that.',
  },
  {
    code: 'acceptance_not_found',
    kind: 'not_found',
    meaning: 'What was to be accepted is not in the store, or belongs to another window. Nothing was accepted.',
    whatToDo: 'Accept it again with POST /v1/reconciliations/{id}/acceptances.',
  },
];
