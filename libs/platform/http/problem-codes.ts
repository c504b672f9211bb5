import type { ErrorKind } from '@holdfast/kernel';

/** What a caller should know about one `code` of a problem; its page is `/problems/<code>`. */
export interface ProblemCode {
  readonly code: string;
  /** The kind of the error, which decides the status; `internal` is no DomainError. */
  readonly kind: ErrorKind | 'internal';
  readonly meaning: string;
  readonly whatToDo: string;
}

const code = (code: string, kind: ProblemCode['kind'], meaning: string, whatToDo: string): ProblemCode => ({
  code,
  kind,
  meaning,
  whatToDo,
});

/** Codes of the platform. A domain documents its own in `<domain>.problems.ts`, beside its service; `apps/api/main.ts` puts them together. */
export const PLATFORM_PROBLEMS: readonly ProblemCode[] = [
  code(
    'internal',
    'internal',
    'Holdfast failed; the request may have been fine.',
    'Repeat it with the same Idempotency-Key. If it fails again, give the request id to who runs this installation.',
  ),
  code(
    'bad_request',
    'invalid',
    'The request is not well formed HTTP, is not whole in time (408), or has headers that are too large (431).',
    'Compare it with the OpenAPI document.',
  ),
  code(
    'invalid_request',
    'invalid',
    'A field of the body, the query or the path is missing, unknown or wrong.',
    'Mend each field that `errors` lists. When there are more than 100, `moreErrors` counts the rest.',
  ),
  code('malformed_json', 'invalid', 'The body is not JSON.', 'Send one JSON document in UTF-8.'),
  code('invalid_utf8', 'invalid', 'The body is not UTF-8.', 'Encode it as UTF-8.'),
  code(
    'nested_too_deeply',
    'invalid',
    'Objects and arrays of the body are nested deeper than 64 levels.',
    'Send a flatter document.',
  ),
  code(
    'duplicate_member',
    'invalid',
    'An object of the body names the same member twice, so that readers could disagree on its value.',
    'Name each member once.',
  ),
  code(
    'forbidden_member',
    'invalid',
    'The body has a member that reaches the prototype of an object.',
    'Leave the member out.',
  ),
  code('incomplete_body', 'invalid', 'The connection ended before the body was whole.', 'Send it again.'),
  code(
    'invalid_content_length',
    'invalid',
    'The body is not as long as Content-Length says.',
    'Send it again with its length.',
  ),
  code(
    'malformed_url',
    'invalid',
    'The address is not well formed, or a part of its path is too long.',
    'Percent-encode what the path holds.',
  ),
  code(
    'invalid_cursor',
    'invalid',
    'The cursor is not one that this list gave.',
    'Start without a cursor, and pass on `next` as it is.',
  ),
  code(
    'invalid_precondition',
    'invalid',
    'If-Match or If-None-Match is malformed.',
    'Send one ETag as it was given, such as "3", or *.',
  ),
  code(
    'precondition_required',
    'precondition_required',
    'The change could overwrite what somebody else wrote.',
    'Read the document, and send its ETag as If-Match; send If-None-Match: * to create.',
  ),
  code('body_too_large', 'too_large', 'The body is larger than the route takes.', 'Split it into several requests.'),
  code(
    'unsupported_media_type',
    'unsupported_media_type',
    'The route does not take this content type.',
    'Send one that `accepts` lists.',
  ),
  code(
    'unsupported_encoding',
    'unsupported_media_type',
    'The route does not take a compressed body.',
    'Send it as it is.',
  ),
  code(
    'no_such_route',
    'not_found',
    'There is nothing at this address for this method.',
    'Compare method and path with the OpenAPI document.',
  ),
  code('no_such_problem', 'not_found', 'No problem has this code.', 'See the list at /problems.'),
  code('key_missing', 'unauthenticated', 'The request shows no key.', 'Send the header Authorization: Bearer hf_...'),
  code(
    'key_invalid',
    'unauthenticated',
    'What the request shows is not a key of this installation.',
    'Check the key and the address.',
  ),
  code(
    'permission_missing',
    'forbidden',
    'The roles of the key do not give the permission that `permission` names.',
    'Use another key, or ask an administrator for the role.',
  ),
  code(
    'idempotency_key_required',
    'invalid',
    'The request creates something and has no Idempotency-Key.',
    'Send a fresh random key with each thing to create, and the same one when you repeat the call: 1 to 200 visible ASCII characters.',
  ),
  code(
    'idempotency_key_reused',
    'conflict',
    'The same key came with another request in the last seven days.',
    'Use a fresh key for another request.',
  ),
  code(
    'idempotency_key_in_use',
    'conflict',
    'The first call with this key is still under way, or ended without an answer.',
    'Repeat it after Retry-After.',
  ),
  code(
    'secret_already_shown',
    'conflict',
    'The call was carried out already, and its answer held a secret that is shown once.',
    'If the answer got lost, revoke what `created` names and create another with a fresh Idempotency-Key.',
  ),
  code(
    'store_unavailable',
    'unavailable',
    'ClickHouse does not answer, or takes no more rows, for example because its disk is full. Nothing of this call was acknowledged.',
    'Repeat it after Retry-After.',
  ),
  code(
    'audit_unavailable',
    'unavailable',
    'The audit log takes no entries: nothing is answered or changed that cannot be recorded. With `carriedOut` it was done before the log went away, and is announced there.',
    'Repeat it after Retry-After, with the same Idempotency-Key. If it goes on, see that the program audit-log runs, and HOLDFAST_AUDIT_LOG_URL.',
  ),
  code('temporal_unavailable', 'unavailable', 'Temporal does not answer.', 'Repeat it after Retry-After.'),
  code(
    'no_worker',
    'unavailable',
    'No worker carried out the change in time. It goes on and may still take effect.',
    'Read before you repeat it; see that a worker runs.',
  ),
  code('too_slow', 'unavailable', 'A store took too long to answer.', 'Repeat it; see that ClickHouse is well.'),
  code('busy', 'unavailable', 'Other changes of the same thing are under way.', 'Repeat it after Retry-After.'),
];
