import type { ErrorKind } from '@holdfast/kernel';
import type { ProblemCode } from '@holdfast/platform/http';

const code = (code: string, kind: ErrorKind, meaning: string, whatToDo: string): ProblemCode => ({
  code,
  kind,
  meaning,
  whatToDo,
});

/** Codes of channels and dead letters. */
export const CHANNEL_PROBLEMS: readonly ProblemCode[] = [
  code('channel_not_found', 'not_found', 'There is no channel of this id.', 'List them with GET /v1/channels.'),
  code(
    'unknown_channel',
    'invalid',
    'A document names channels that do not exist.',
    '`errors` names the fields; PUT /v1/channels/{id} first.',
  ),
  code(
    'unusable_channel',
    'invalid',
    'The channel could not be used: the configuration has not what it names.',
    'Mend each field that `errors` lists, or add the name to HOLDFAST_CHANNEL_ADDRESSES and HOLDFAST_CHANNEL_SECRETS of API and worker.',
  ),
  code(
    'channel_missing',
    'invalid',
    'A message was not sent: there is no channel of this id.',
    'PUT the channel, or change the policy that names it.',
  ),
  code(
    'channel_not_configured',
    'invalid',
    'A message was not sent: what the channel names has gone from the configuration.',
    'Add the name to HOLDFAST_CHANNEL_ADDRESSES and HOLDFAST_CHANNEL_SECRETS of API and worker, or change the channel.',
  ),
  code(
    'channel_unreachable',
    'unavailable',
    'There was no whole answer in time; the message may have arrived all the same.',
    'Try again later; see that the address can be reached from here.',
  ),
  code(
    'channel_rate_limited',
    'unavailable',
    'The vendor, or the rate that it documents, takes no more messages for now.',
    'Wait for Retry-After; send fewer messages through this account.',
  ),
  code('channel_failing', 'unavailable', 'The vendor has trouble of its own.', 'Try again later.'),
  code(
    'channel_open',
    'unavailable',
    'The channel has failed several times in a row and is not tried for a while.',
    'Wait for Retry-After; the next message is the trial that closes the circuit.',
  ),
  code(
    'channel_unauthorized',
    'invalid',
    'The vendor does not, or no longer, accept the secret, or the secret may not do this.',
    'Put a new secret into HOLDFAST_CHANNEL_SECRETS, then replay the dead letter.',
  ),
  code(
    'channel_refused',
    'invalid',
    'The vendor refuses the message; `vendorCode` is its own code, where it gives one.',
    'Mend the channel or the address that the message was sent to, then replay the dead letter.',
  ),
  code(
    'dead_letter_not_found',
    'not_found',
    'There is no dead letter of this id.',
    'List them with GET /v1/dead-letters.',
  ),
  code(
    'dead_letter_replayed',
    'conflict',
    'The dead letter was sent again and delivered already.',
    'Nothing; `replayed` says by whom and when.',
  ),
  code(
    'dead_letter_under_way',
    'conflict',
    'Another call is sending the dead letter again at this moment.',
    'See with GET /v1/dead-letters what came of it; where it was not delivered, replay it again with a fresh Idempotency-Key.',
  ),
];
