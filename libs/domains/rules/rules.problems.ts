import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of alert rules. */
export const RULE_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'alert_rule_not_found',
    kind: 'not_found',
    meaning: 'There is no alert rule of this id.',
    whatToDo: 'List them with GET /v1/alert-rules.',
  },
  {
    code: 'unknown_in_rule',
    kind: 'invalid',
    meaning: 'A rule names a process, a stage, an objective or an escalation policy that does not exist.',
    whatToDo: '`errors` names the fields; PUT first what they name.',
  },
  {
    code: 'backtest_in_the_future',
    kind: 'invalid',
    meaning: 'A backtest asks for a time that has not been yet.',
    whatToDo: 'End it now or earlier.',
  },
  {
    code: 'backtest_failed',
    kind: 'invalid',
    meaning: 'What the rule measures cannot be measured over so long a time.',
    whatToDo: 'Ask for a shorter time, or a longer `stepSeconds`.',
  },
  {
    code: 'rules_evaluated',
    kind: 'conflict',
    meaning: 'Two workers evaluated the rules at once; the one that was first counts.',
    whatToDo: 'Nothing: the next round goes on behind it.',
  },
];
