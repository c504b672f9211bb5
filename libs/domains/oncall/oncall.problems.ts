import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of people, on-call schedules and overrides. */
export const ON_CALL_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'person_not_found',
    kind: 'not_found',
    meaning: 'There is no person of this id.',
    whatToDo: 'List them with GET /v1/people.',
  },
  {
    code: 'on_call_schedule_not_found',
    kind: 'not_found',
    meaning: 'There is no on-call schedule of this id.',
    whatToDo: 'List them with GET /v1/on-call-schedules.',
  },
  {
    code: 'override_not_found',
    kind: 'not_found',
    meaning: 'The schedule has no override of this id.',
    whatToDo: 'List them with GET /v1/on-call-schedules/{id}/overrides.',
  },
  {
    code: 'unknown_person',
    kind: 'invalid',
    meaning: 'A schedule or an override names people who do not exist.',
    whatToDo: '`errors` names the fields; PUT /v1/people/{id} first.',
  },
  {
    code: 'override_in_the_past',
    kind: 'invalid',
    meaning: 'The override begins before now. What was cannot be changed.',
    whatToDo: 'Leave `from` out to take over now.',
  },
  {
    code: 'override_over',
    kind: 'conflict',
    meaning: 'The override is over or was withdrawn already.',
    whatToDo: 'Nothing; make another override where somebody else is to take over.',
  },
];
