import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of suppression windows, inhibition and flapping rules, and changes. */
export const SUPPRESSION_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'suppression_window_not_found',
    kind: 'not_found',
    meaning: 'There is no suppression window of this id.',
    whatToDo: 'List them with GET /v1/suppression-windows.',
  },
  {
    code: 'inhibition_rule_not_found',
    kind: 'not_found',
    meaning: 'There is no inhibition rule of this id.',
    whatToDo: 'List them with GET /v1/inhibition-rules.',
  },
  {
    code: 'flapping_rule_not_found',
    kind: 'not_found',
    meaning: 'There is no flapping rule of this id.',
    whatToDo: 'List them with GET /v1/flapping-rules.',
  },
  {
    code: 'unusable_window',
    kind: 'invalid',
    meaning: 'The window can never mute anything, or one of its patterns could take long on some texts.',
    whatToDo: '`errors` names the fields and why; POST /v1/suppression-windows/preview shows when a window mutes.',
  },
  {
    code: 'inhibition_cycle',
    kind: 'invalid',
    meaning: 'With the rule, alerts could mute each other in a circle, and nobody would be told of any of them.',
    whatToDo:
      '`errors` names the rules of the circle. Narrow the source or the target of one, so that no alert can be both; disabled rules do not count.',
  },
  {
    code: 'window_not_one_off',
    kind: 'conflict',
    meaning: 'Only a one-off window can be ended.',
    whatToDo: 'PUT the window with `enabled: false` to switch it off.',
  },
  {
    code: 'window_not_active',
    kind: 'conflict',
    meaning: 'The window is not going on: it is over, has not begun or is disabled.',
    whatToDo: 'PUT the window with `enabled: false` where it is not to begin.',
  },
  {
    code: 'change_not_found',
    kind: 'not_found',
    meaning: 'There is no change of this id.',
    whatToDo: 'List them with GET /v1/changes.',
  },
  {
    code: 'change_in_the_future',
    kind: 'invalid',
    meaning: 'The change is told for a time that has not come.',
    whatToDo: 'Leave `at` out where it happens now, or set the clock of who tells it.',
  },
  {
    code: 'change_differs',
    kind: 'conflict',
    meaning: 'A change of this id was told before with another kind or other labels.',
    whatToDo: '`errors` names what differs. Give another change another id.',
  },
];
