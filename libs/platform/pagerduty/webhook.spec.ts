import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { parseWebhook, verifyWebhookSignature } from './webhook';

const BODY = Buffer.from(
  '{"event":{"id":"01BRB6ZP4M","event_type":"incident.acknowledged","data":{"title":"Größe ✓"}}}',
);
// Computed with `openssl dgst -sha256 -hmac`.
const BY_ONE = 'v1=a61ae6040af6d1a9eae0e46c336ace4e207dae6097082bec68d20b4eade0056b';
const BY_TWO = 'v1=74a4bec0eb5b0489b6cd0675b63b9bb2d742ae0da2963bd2683c841171e76be0';
const STRANGE = `v1=${'0'.repeat(64)}`;

describe('signature', () => {
  test('RFC 4231, test case 2', () => {
    const header = 'v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    const data = Buffer.from('what do ya want for nothing?');
    expect(verifyWebhookSignature(data, header, ['Jefe'])).toBe(true);
    expect(verifyWebhookSignature(data, header, ['jefe'])).toBe(false);
  });

  test.each([
    ['one signature, its secret', BY_ONE, ['whsec_one'], true],
    ['hexadecimal digits in capitals', BY_ONE.toUpperCase().replace('V1', 'v1'), ['whsec_one'], true],
    ['any signature of the list', `${STRANGE},${BY_TWO}`, ['whsec_two'], true],
    ['a space after the comma', `${STRANGE}, ${BY_ONE}`, ['whsec_one'], true],
    ['any of the secrets', BY_TWO, ['whsec_one', 'whsec_two'], true],
    ['another first, then another', `${BY_ONE},${BY_TWO}`, ['other', 'whsec_one'], true],
    ['a version unknown here beside v1', `v2=abc,${BY_ONE}`, ['whsec_one'], true],
    ['another secret', BY_ONE, ['whsec_two'], false],
    ['another version alone', BY_ONE.replace('v1', 'v2'), ['whsec_one'], false],
    ['no prefix', BY_ONE.slice(3), ['whsec_one'], false],
    ['cut short', BY_ONE.slice(0, -2), ['whsec_one'], false],
    ['too long', `${BY_ONE}00`, ['whsec_one'], false],
    ['an empty header', '', ['whsec_one'], false],
    ['no header', undefined, ['whsec_one'], false],
    ['no secrets', BY_ONE, [], false],
  ])('%s', (_, header, secrets, genuine) => {
    expect(verifyWebhookSignature(BODY, header, secrets)).toBe(genuine);
  });

  test('an empty secret opens nothing', () => {
    const header = `v1=${createHmac('sha256', '').update(BODY).digest('hex')}`;
    expect(verifyWebhookSignature(BODY, header, [''])).toBe(false);
  });

  test('one bit changed anywhere in the body is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: BODY.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        const tampered = Buffer.from(BODY);
        tampered[at] = tampered[at]! ^ (1 << bit);
        return !verifyWebhookSignature(tampered, BY_ONE, ['whsec_one']);
      }),
    );
  });

  test('the bytes are signed, not the value: the same JSON written otherwise is refused', () => {
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(BODY.toString()), undefined, 1));
    expect(verifyWebhookSignature(rewritten, BY_ONE, ['whsec_one'])).toBe(false);
  });

  test('no header of any form is an error', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `v1=${text},v1=`),
    );
    fc.assert(fc.property(header, (text) => !verifyWebhookSignature(BODY, text, ['whsec_one'])));
  });
});

const acknowledged = {
  event: {
    id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
    event_type: 'incident.acknowledged',
    resource_type: 'incident',
    occurred_at: '2020-10-02T18:45:22.169Z',
    agent: {
      html_url: 'https://acme.example/users/PLH1',
      id: 'PLH1',
      summary: 'Ada',
      type: 'user_reference',
    } as unknown,
    client: { name: 'PagerDuty' },
    data: { id: 'PGR0VU2', type: 'incident', number: 2, status: 'acknowledged', incident_key: 'alert/1', teams: [] },
  },
};
const withEvent = (members: object): unknown => ({ event: { ...acknowledged.event, ...members } });
const withData = (members: object): unknown => withEvent({ data: { ...acknowledged.event.data, ...members } });

describe('parsing', () => {
  const expected = {
    id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
    eventType: 'incident.acknowledged',
    occurredAt: '2020-10-02T18:45:22.169Z',
    incidentId: 'PGR0VU2',
    incidentKey: 'alert/1',
    agent: { id: 'PLH1', type: 'user_reference', summary: 'Ada' },
  };

  test('an event about an incident, as value, text or bytes', () => {
    const text = JSON.stringify(acknowledged);
    for (const body of [acknowledged, text, Buffer.from(text)]) expect(parseWebhook(body)).toEqual(expected);
  });

  test.each(['incident.triggered', 'incident.resolved', 'incident.reopened', 'incident.reassigned'])('%s', (type) => {
    expect(parseWebhook(withEvent({ event_type: type }))).toEqual({ ...expected, eventType: type });
  });

  test('a type that PagerDuty adds is told as other', () => {
    expect(parseWebhook(withEvent({ event_type: 'incident.teleported' }))).toMatchObject({ eventType: 'other' });
  });

  test('members unknown here are tolerated', () => {
    expect(parseWebhook(withData({ brand_new: { deep: [1] } }))).toEqual(expected);
  });

  test.each([
    [null, undefined],
    [undefined, undefined],
    ['somebody', undefined],
    [
      { id: 'P1', type: 'service_reference', summary: null },
      { id: 'P1', type: 'service_reference' },
    ],
    [
      { id: 'P1', type: 'service_reference', summary: 7 },
      { id: 'P1', type: 'service_reference' },
    ],
  ])('an agent told as %p costs no acknowledgement', (agent, read) => {
    const event = parseWebhook(withEvent({ agent }));
    expect(event).toMatchObject({ eventType: 'incident.acknowledged', incidentKey: 'alert/1' });
    expect(event === 'unsupported' ? event : event.agent).toEqual(read);
  });

  test.each([
    ['a ping', withEvent({ event_type: 'pagey.ping', data: { message: 'Hello', type: 'ping' } })],
    ['a service', withEvent({ event_type: 'service.updated', data: { id: 'P1', type: 'service' } })],
    ['a note', withEvent({ event_type: 'incident.annotated', data: { id: 'P1', type: 'incident_note' } })],
    ['no key', withData({ incident_key: null })],
    ['no incident', withData({ id: undefined })],
    ['no time', withEvent({ occurred_at: 'yesterday' })],
    ['no id', withEvent({ id: '' })],
    ['a list', [acknowledged]],
    ['text that is no JSON', '{"event":'],
    ['nothing', undefined],
  ])('%s is unsupported', (_, body) => {
    expect(parseWebhook(body)).toBe('unsupported');
  });

  test('whatever comes, it is an event or unsupported, never an error', () => {
    const nearly = fc
      .tuple(
        fc.constantFrom('id', 'event_type', 'occurred_at', 'agent', 'data'),
        fc.oneof(fc.anything(), fc.jsonValue()),
      )
      .map(([member, value]) => withEvent({ [member]: value }));
    const body = fc.oneof(fc.anything(), fc.json(), fc.uint8Array().map(Buffer.from), nearly);
    fc.assert(
      fc.property(body, (value) => {
        const event = parseWebhook(value);
        if (event === 'unsupported') return;
        expect(typeof event.id).toBe('string');
        expect(typeof event.incidentKey).toBe('string');
        expect(event.eventType).toMatch(/^(incident\.[a-z_]+|other)$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
