import type { ProblemCode } from '@holdfast/platform/http';
import type { MappingCode } from '@holdfast/domains/mapping/core/mapped';
import type { RejectionCode } from './core/event';

/** Codes that bodies of other routes have as well, or that belong to the catalog or to mappings; they are documented there. */
type Elsewhere = 'malformed_json' | 'invalid_utf8' | 'unknown_process' | MappingCode;

/** Why one record of a body was not stored: `problems[].code` of a receipt. A rejected record is counted, and kept nowhere. */
const REJECTIONS: Readonly<Record<Exclude<RejectionCode, Elsewhere>, Pick<ProblemCode, 'meaning' | 'whatToDo'>>> = {
  not_an_object: {
    meaning: 'A record is no JSON object.',
    whatToDo: 'Send one object, an array of objects, or one object a line (NDJSON).',
  },
  line_too_long: {
    meaning: 'A record is longer than 1 MiB.',
    whatToDo: 'Send what stages have to agree on, and keep large documents elsewhere.',
  },
  too_deep: {
    meaning: 'Objects and arrays of a record are nested deeper than 32 levels.',
    whatToDo: 'Send a flatter `data`.',
  },
  duplicate_field: {
    meaning: 'An object of a record names a member twice, so that readers could disagree on its value.',
    whatToDo: 'Name each member once.',
  },
  unknown_field: {
    meaning: 'A record has a field that Holdfast does not know: perhaps one that it knows, misspelt.',
    whatToDo: 'Mend the name; put what is your own under `data`.',
  },
  missing_field: {
    meaning: 'A record lacks a field that every record has.',
    whatToDo: 'Send `id`, `source`, `process`, `stage`, `key`, `type` and `occurredAt` with each record.',
  },
  wrong_type: {
    meaning: 'A field of a record holds another type of JSON value than it must.',
    whatToDo: 'Compare it with the OpenAPI document; `reason` says which type it must be.',
  },
  too_long: {
    meaning: 'A text of a record is longer than its field takes.',
    whatToDo: '`reason` says how long it may be.',
  },
  invalid_value: {
    meaning: 'A field of a record is of the right type, and holds a value that it must not.',
    whatToDo: '`reason` says which values it takes.',
  },
  invalid_time: {
    meaning:
      'A time of a record is neither a date-time of RFC 3339 with an offset, nor a local one with its time zone, nor a count of seconds, ms, us or ns since 1970.',
    whatToDo:
      'Send it as 2026-11-20T09:30:00.123456Z, with an offset such as +01:00, as 2026-11-20T10:30:00[Europe/Berlin], or without brackets and with `timeZone` beside it.',
  },
  unknown_time_zone: {
    meaning: 'A time of a record names a zone that the IANA time zone database does not have.',
    whatToDo:
      'Name it as the database does, such as Europe/Berlin; abbreviations such as CEST and offsets are no zones.',
  },
  contradictory_time: {
    meaning: 'A time of a record carries an offset and a zone, and clocks in that zone do not show that offset then.',
    whatToDo: 'Mend the conversion of the system that sends it, or leave the zone out where the offset is right.',
  },
  time_out_of_bounds: {
    meaning: 'A time of a record is before the year 2000 or more than a day ahead: a mistake of a clock or a unit.',
    whatToDo: 'Mend the clock, or the conversion, of the system that sends it.',
  },
  unknown_stage: {
    meaning: 'A record names a stage that its process does not have.',
    whatToDo: 'Compare it with GET /v1/processes/{id}, or add the stage to the process.',
  },
  contract_violation: {
    meaning: 'A record does not hold to the contract of its event type.',
    whatToDo: 'Compare `field` with GET /v1/contracts/{type}; `reason` says what is asked there.',
  },
  unknown_contract_version: {
    meaning: "A record names a version of its type's contract that does not exist, or its type has no contract.",
    whatToDo: 'Look at GET /v1/contracts/{type}/history, or leave `contractVersion` out: the newest is meant then.',
  },
  digest_mismatch: {
    meaning:
      'The digest that a record carries is not that of its data: it was changed on the way, or the sender computes it otherwise.',
    whatToDo:
      'Compute SHA-256 over the canonical form (RFC 8785) of `data`; look for what rewrites it between the sender and Holdfast.',
  },
  discarded: {
    meaning: 'A steward gave up a record in quarantine, with a reason.',
    whatToDo: 'Nothing; GET /v1/quarantine/{item} tells the reason.',
  },
  attempt_differs: {
    meaning: 'An attempt of an event names another process, stage or key than its other attempts.',
    whatToDo: 'Keep them the same for all attempts of an event; send what is another event under an `id` of its own.',
  },
};

/** Codes of intake and timelines. */
export const TRACKING_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'intake_full',
    kind: 'too_many_requests',
    meaning: 'More events wait for ClickHouse than memory may hold. Nothing of this body was read.',
    whatToDo: 'Send the same body again after Retry-After.',
  },
  {
    code: 'rate_limited',
    kind: 'too_many_requests',
    meaning:
      'A source of the body sends more records than its document allows. What is counted in the problem is stored.',
    whatToDo:
      'Send the body again after Retry-After: what is stored already costs nothing. Or raise `rateLimit` with PUT /v1/sources/{id}.',
  },
  {
    code: 'quota_used_up',
    kind: 'too_many_requests',
    meaning:
      'A source of the body has sent as many records as its document allows for a day of UTC. What is counted in the problem is stored.',
    whatToDo:
      'Send the body again after Retry-After, which is the next day, or raise `dailyQuota` with PUT /v1/sources/{id}.',
  },
  {
    code: 'not_the_intake_owner',
    kind: 'unavailable',
    meaning:
      'Another API has begun to take records in since this one did. Two at once could both believe to see a record first. Nothing of the batch is stored.',
    whatToDo:
      'Give every API but one HOLDFAST_INTAKE_OWNER_URL, the address of that one, and start them again. Sending the same again is safe.',
  },
  {
    code: 'intake_owner_unreachable',
    kind: 'unavailable',
    meaning:
      'This API hands records on to the one that takes them in, which does not answer. They may have been stored.',
    whatToDo: 'Send the same again after Retry-After: what is stored counts as a duplicate.',
  },
  {
    code: 'intake_owner_hands_on',
    kind: 'unavailable',
    meaning: 'The API that HOLDFAST_INTAKE_OWNER_URL names hands on to another one itself. Nothing is stored.',
    whatToDo: 'Let every API name the one that has no HOLDFAST_INTAKE_OWNER_URL.',
  },
  {
    code: 'shutting_down',
    kind: 'unavailable',
    meaning: 'The service stops while a stream of events is still open. What was acknowledged is durable.',
    whatToDo: 'Send the records behind the last acknowledged one in a new body, in a few seconds.',
  },
  {
    code: 'body_broken',
    kind: 'invalid',
    meaning: 'The body could not be read beyond a record. What came before is counted in the answer, and stays.',
    whatToDo: 'Mend the body from `line` on, and send it again: what is stored already counts as a duplicate.',
  },
  {
    code: 'body_empty',
    kind: 'invalid',
    meaning: 'The body holds no record.',
    whatToDo: 'Send one object, an array of objects, or one object a line (NDJSON).',
  },
  {
    code: 'all_rejected',
    kind: 'invalid',
    meaning: 'No record of the body could be stored. `problems` names the first of them by line.',
    whatToDo: 'Mend each record that `problems` names.',
  },
  {
    code: 'record_conflict',
    kind: 'conflict',
    meaning: 'Every record of the body was stored before with another payload. Both are kept; the first one counts.',
    whatToDo: 'Send a correction as a further `attempt` of the event; never send another fact under a used `id`.',
  },
  {
    code: 'conflict',
    kind: 'conflict',
    meaning:
      'A record of a body (`problems[].code`) was stored before with another payload. Both are kept; the first one counts.',
    whatToDo: 'Compare both with GET /v1/events; send a correction as a further `attempt` of the event.',
  },
  {
    code: 'timeline_too_long',
    kind: 'invalid',
    meaning: 'The timeline has more entries than can be put in corrected order.',
    whatToDo: 'Read it page by page with `order=occurred`; each entry has its `correctedAt`.',
  },
  {
    code: 'item_not_found',
    kind: 'not_found',
    meaning: 'There is no record of this id in quarantine.',
    whatToDo: 'List them with GET /v1/quarantine.',
  },
  {
    code: 'replay_not_found',
    kind: 'not_found',
    meaning: 'There is no replay of this id.',
    whatToDo: 'Take the id that POST /v1/quarantine/replays answered with.',
  },
  {
    code: 'patch_mends_nothing',
    kind: 'invalid',
    meaning: 'No record that was selected holds to everything after the patch: nothing was changed.',
    whatToDo: '`problems` says what each still breaks. Try patches with `dryRun` first.',
  },
  {
    code: 'inapplicable_patch',
    kind: 'invalid',
    meaning:
      'An operation of a patch does not fit a record (`problems[].code`): it names what the record does not have.',
    whatToDo: 'Look at the form of the record with GET /v1/quarantine/{item}; select records of one form.',
  },
  {
    code: 'item_changed',
    kind: 'conflict',
    meaning:
      'A record in quarantine is not at the version that a patch names for it, or has left. Nothing was changed.',
    whatToDo:
      'Look at the records that `problems` names with GET /v1/quarantine/{item}, and make the patch for them as they are.',
  },
  {
    code: 'item_gone',
    kind: 'invalid',
    meaning: 'A record that a patch was for (`problems[].code`) has left quarantine: the patch changes nothing of it.',
    whatToDo: 'See what became of it with GET /v1/quarantine/{item}.',
  },
  ...Object.entries(REJECTIONS).map(([code, about]): ProblemCode => ({ code, kind: 'invalid', ...about })),
];
