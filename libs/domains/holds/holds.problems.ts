import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of legal holds and of deletions. */
export const HOLD_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'hold_not_found',
    kind: 'not_found',
    meaning: 'There is no hold of this id.',
    whatToDo: 'List them with GET /v1/holds?state=all.',
  },
  {
    code: 'custodian_not_found',
    kind: 'not_found',
    meaning: 'The hold names no such custodian.',
    whatToDo: 'GET /v1/holds/{id} lists them; amend the hold to add one.',
  },
  {
    code: 'empty_scope',
    kind: 'invalid',
    meaning: 'The scope of the hold says nothing.',
    whatToDo: 'Say which records: processes, keys, a subject, a period, fields. `everything: true` holds all there is.',
  },
  {
    code: 'hold_of_everything',
    kind: 'invalid',
    meaning: 'The amended hold would fit every record there is.',
    whatToDo: 'Place a hold of everything of its own; a second person has to approve it.',
  },
  {
    code: 'hold_not_open',
    kind: 'conflict',
    meaning: 'The hold was released or refused, or waits for a decision and cannot be changed meanwhile.',
    whatToDo: 'GET /v1/holds/{id} shows its state; answer what it waits for, or place another hold.',
  },
  {
    code: 'hold_not_waiting',
    kind: 'conflict',
    meaning: 'The hold does not wait for this answer.',
    whatToDo: 'GET /v1/holds/{id} shows its state. A release is asked for first, by POST /v1/holds/{id}/ask-release.',
  },
  {
    code: 'second_person_needed',
    kind: 'conflict',
    meaning: 'Who asked for it cannot approve it.',
    whatToDo: 'Let somebody else answer, with a key of their own.',
  },
  {
    code: 'holds_changed',
    kind: 'conflict',
    meaning: 'Holds were placed again and again while a deletion looked for what it may delete. Nothing was deleted.',
    whatToDo: 'Repeat the deletion later.',
  },
  {
    code: 'partition_changed',
    kind: 'conflict',
    meaning:
      'Records came into the partition again and again while a deletion looked for what it may delete. Nothing was deleted.',
    whatToDo: 'Delete months of receipt alone that are over. Look at the clock of the API that takes records in.',
  },
  {
    code: 'hold_link_expired',
    kind: 'forbidden',
    meaning: 'The link to acknowledge a hold is older than 30 days.',
    whatToDo: 'Follow the link of the last reminder, or ask counsel to note it by the API.',
  },
];
