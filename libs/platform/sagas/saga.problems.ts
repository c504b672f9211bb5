import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of whatever runs as a saga: a run of retention. */
export const SAGA_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'saga_waits_for_nobody',
    kind: 'conflict',
    meaning: 'It does not wait for an approval now: it is planning still, was answered, or its time to answer is over.',
    whatToDo: 'Look at its state first.',
  },
  {
    code: 'saga_changed',
    kind: 'conflict',
    meaning: 'What it found has changed since: the digest that was sent names what it would have done before.',
    whatToDo: 'Look at what it would do now, and approve that by its digest.',
  },
  {
    code: 'saga_is_over',
    kind: 'conflict',
    meaning: 'It is over, or takes back what it did.',
    whatToDo: 'Start another one.',
  },
  {
    code: 'step_is_behind',
    kind: 'conflict',
    meaning: 'It was to stop before a step that it has come to already, or that it does not have.',
    whatToDo: 'Stop it where it is, or name a step that is ahead.',
  },
  {
    code: 'saga_not_stopped',
    kind: 'conflict',
    meaning: 'It is neither stopped nor stuck: there is nothing to resume.',
    whatToDo: 'Look at its state.',
  },
];
