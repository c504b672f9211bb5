import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { parseInteraction, verifySlackSignature } from './interaction';

// The example of Slack's page "Verifying requests from Slack".
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const TIMESTAMP = '1531420618';
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const BODY = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
    '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
    '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
    '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const NOW = Number(TIMESTAMP);

const verified = (
  over: { body?: Buffer; timestamp?: string; signature?: string; secrets?: string[]; now?: number } = {},
) =>
  verifySlackSignature(
    over.body ?? BODY,
    over.timestamp ?? TIMESTAMP,
    over.signature ?? SIGNATURE,
    over.secrets ?? [SECRET],
    over.now ?? NOW,
  );

test("Slack's own example is believed, with either of two secrets, for five minutes", () => {
  expect([verified(), verified({ secrets: ['new', SECRET] }), verified({ now: NOW + 300 })]).toEqual([
    true,
    true,
    true,
  ]);
});

test('nothing else is', () => {
  const empty = createHmac('sha256', '').update(`v0:${TIMESTAMP}:`).update(BODY).digest('hex');
  const wrong = [
    { body: Buffer.from(`${BODY.toString()}&a=b`) },
    { timestamp: String(NOW + 1) },
    { timestamp: '' },
    { timestamp: 'x' },
    { signature: '' },
    { signature: SIGNATURE.replace('v0', 'v1') },
    { signature: SIGNATURE.slice(0, -1) },
    { secrets: [] },
    { secrets: ['other'] },
    { secrets: [''], signature: `v0=${empty}` },
    { now: NOW + 301 },
    { now: NOW - 301 },
  ];
  expect(wrong.map(verified)).toEqual(wrong.map(() => false));
});

const form = (payload: unknown): Buffer =>
  Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
const PRESSED = {
  type: 'block_actions',
  user: { id: 'UA8RXUSPL', username: 'member', team_id: 'T9TK3CUKW' },
  actions: [
    { type: 'button', block_id: '=qXel', action_id: 'acknowledge', value: 'orders.1', action_ts: '1548426417.840180' },
  ],
};

test('a pressed button is read; anything else is of no concern', () => {
  expect(parseInteraction(form(PRESSED))).toEqual({ actionId: 'acknowledge', value: 'orders.1', user: 'UA8RXUSPL' });
  const others = [
    form({ ...PRESSED, type: 'view_submission' }),
    form({ ...PRESSED, actions: [] }),
    form({ ...PRESSED, user: { id: 'no <id>' } }),
    Buffer.from('payload=%7B'),
    Buffer.from('{}'),
    Buffer.alloc(0),
  ];
  expect(others.map(parseInteraction)).toEqual(others.map(() => 'unsupported'));
});

test('no body breaks the reader', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((text) => form(text)),
        fc.jsonValue().map(form),
        fc.uint8Array().map(Buffer.from),
      ),
      (body) => {
        expect(['string', 'object']).toContain(typeof parseInteraction(body));
      },
    ),
  );
});
