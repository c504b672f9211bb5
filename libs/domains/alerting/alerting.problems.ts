import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of this domain's errors. */
export const ALERTING_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'escalation_policy_not_found',
    kind: 'not_found',
    meaning: 'There is no escalation policy of this id.',
    whatToDo: 'List them with GET /v1/escalation-policies.',
  },
  {
    code: 'unusable_routing_key',
    kind: 'invalid',
    meaning:
      'The policy names a routing key that is not configured, is configured with something else, or is that of another target: a second page of the same key would notify nobody new.',
    whatToDo:
      'Mend each target that `errors` lists, or add the name to HOLDFAST_PAGERDUTY_ROUTING_KEYS of API and worker.',
  },
  {
    code: 'routing_key_not_configured',
    kind: 'invalid',
    meaning:
      'A page was not sent: the name of its routing key has gone from the configuration since the policy was made.',
    whatToDo: 'Add the name to HOLDFAST_PAGERDUTY_ROUTING_KEYS of the worker, or change the policy.',
  },
  {
    code: 'pagerduty_incident_missing',
    kind: 'unavailable',
    meaning: 'PagerDuty shows no incident of a page: it has not made one yet, or the token may not see it.',
    whatToDo:
      'It is looked for again for some hours. Let HOLDFAST_PAGERDUTY_TOKEN see the incidents of every service that is paged.',
  },
  {
    code: 'unusable_target',
    kind: 'invalid',
    meaning: 'A target names a person, an on-call schedule or a channel that does not exist.',
    whatToDo: 'Mend each target that `errors` lists, or make what it names first.',
  },
  {
    code: 'alert_not_answered',
    kind: 'conflict',
    meaning: 'Nobody has acknowledged or snoozed the alert: there is nothing to take back.',
    whatToDo: 'Read the alert; it pages already.',
  },
  {
    code: 'snooze_is_over',
    kind: 'conflict',
    meaning: 'The time until which the alert should be snoozed is past.',
    whatToDo: 'Name a later time.',
  },
  {
    code: 'link_invalid',
    kind: 'forbidden',
    meaning: 'No key of this installation signed the link, or it was changed.',
    whatToDo: 'Follow the link of the page as it was sent, or acknowledge by the API, the CLI or the channel.',
  },
  {
    code: 'link_expired',
    kind: 'forbidden',
    meaning: 'The link was sent more than two days ago.',
    whatToDo: 'Acknowledge by the API, the CLI or the channel.',
  },
  {
    code: 'alert_not_found',
    kind: 'not_found',
    meaning: 'There is no alert of this id.',
    whatToDo: 'List them with GET /v1/alerts.',
  },
  {
    code: 'alert_acknowledged',
    kind: 'conflict',
    meaning: 'Somebody has acknowledged the alert already.',
    whatToDo: 'Read the alert: `acknowledgedBy` says who takes care.',
  },
  {
    code: 'alert_resolved',
    kind: 'conflict',
    meaning: 'The alert is resolved already.',
    whatToDo: 'Nothing: it pages nobody any more.',
  },
  {
    code: 'alert_not_running',
    kind: 'conflict',
    meaning: 'The workflow of the alert was ended by force before the alert was resolved.',
    whatToDo: 'Start the judgement again if its cause is still there; close its incidents in PagerDuty by hand.',
  },
  {
    code: 'webhooks_not_configured',
    kind: 'unavailable',
    meaning: 'No secret is configured, so that nobody could tell PagerDuty or Slack from others.',
    whatToDo:
      'Set HOLDFAST_PAGERDUTY_WEBHOOK_SECRETS to the secret that PagerDuty showed when the webhook was made, HOLDFAST_SLACK_SIGNING_SECRETS to that of the app.',
  },
  {
    code: 'webhook_signature_invalid',
    kind: 'forbidden',
    meaning: 'None of the configured secrets signed the body as it arrived.',
    whatToDo:
      'Compare the secrets, and the clocks: what Slack signed holds for five minutes. See that nothing on the way changes bodies.',
  },
  {
    code: 'webhook_replayed',
    kind: 'conflict',
    meaning: 'This very request was taken before.',
    whatToDo: 'Nothing. If you did not send it twice, somebody has read it on its way: replace the secret.',
  },
];
