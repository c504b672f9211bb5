import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of synthetic transactions and heartbeats. */
export const SYNTHETIC_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'synthetic_transaction_not_found',
    kind: 'not_found',
    meaning: 'There is no synthetic transaction of this id.',
    whatToDo: 'List them with GET /v1/synthetic-transactions.',
  },
  {
    code: 'heartbeat_not_found',
    kind: 'not_found',
    meaning: 'There is no heartbeat of this id.',
    whatToDo: 'List them with GET /v1/heartbeats; PUT one before its system beats.',
  },
  {
    code: 'unusable_synthetic_transaction',
    kind: 'invalid',
    meaning: 'The path that is to be tried does not exist, or who is to be told of it.',
    whatToDo: '`errors` names the fields and why. PUT the process and the escalation policy first.',
  },
  {
    code: 'unusable_heartbeat',
    kind: 'invalid',
    meaning: 'The escalation policy of the heartbeat does not exist.',
    whatToDo: 'PUT it under /v1/escalation-policies first.',
  },
  {
    code: 'probes_not_configured',
    kind: 'invalid',
    meaning: 'This installation has no key, or no address, by which it could send probes to itself.',
    whatToDo: 'Set HOLDFAST_PROBE_KEY and HOLDFAST_PROBE_URL for API and worker; `npm start` does so by itself.',
  },
  {
    code: 'heartbeat_not_taken',
    kind: 'unavailable',
    meaning: 'The service outside that HOLDFAST_HEARTBEAT_URL names did not take a beat. Seen in the worker alone.',
    whatToDo: 'Call the address yourself from where the worker runs; it is called again with the next beat.',
  },
];
