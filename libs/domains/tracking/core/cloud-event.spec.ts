import { attributeOf, readCloudEvent, trackingFieldsOf, type CloudEvent } from './cloud-event';
import { traceIdOf } from './trace-context';

/** What the project's conformance cases have in common (github.com/cloudevents/conformance, format/json): the cases below are those, by what they change. */
const MINIMAL = { specversion: '1.0', id: 'minimal', type: 'io.cloudevents.test', source: 'https://cloudevents.io' };
const without = (name: keyof typeof MINIMAL): Record<string, unknown> =>
  Object.fromEntries(Object.entries(MINIMAL).filter(([one]) => one !== name));
const EXTENSIONS = {
  extinteger: 10,
  extboolean: true,
  extstring: 'text',
  exturi: 'https://cloudevents.io',
  exturiref: '//authority/path',
  exttimestamp: '2023-03-31T15:12:00Z',
  extbinary: 'TWE=',
};
const NULLS = { datacontenttype: null, dataschema: null, subject: null, time: null };
const CORE = {
  datacontenttype: 'text/plain',
  dataschema: 'https://cloudevents.io/dataschema',
  subject: 'tests',
  time: '2018-04-05T17:31:00Z',
};

describe('a CloudEvent', () => {
  it.each([
    ['no more than it must have', MINIMAL, {}],
    ['nulls for what may be absent', { ...MINIMAL, ...NULLS }, {}],
    ['every attribute of the core', { ...MINIMAL, ...CORE }, CORE],
    ['a time in nanoseconds', { ...MINIMAL, time: '2018-04-05T17:31:00.000000000Z' }, {}],
    ['a time east of Greenwich', { ...MINIMAL, time: '2018-04-05T18:31:00+01:00' }, {}],
    ['a time west of it', { ...MINIMAL, time: '2018-04-05T16:31:00-01:00' }, {}],
    ['a relative source', { ...MINIMAL, source: '#fragment' }, { source: '#fragment' }],
    ['text as data', { ...MINIMAL, datacontenttype: 'text/plain', data: 'Simple text' }, { data: 'Simple text' }],
    ['binary data', { ...MINIMAL, data_base64: 'eyAieHl6IjogMTIzIH0=' }, { dataBase64: 'eyAieHl6IjogMTIzIH0=' }],
    ['extensions of every type', { ...MINIMAL, ...EXTENSIONS }, { extensions: EXTENSIONS }],
  ])('is read with %s', (_what, sent, expected) => {
    const { specversion: _, ...named } = MINIMAL;
    expect(readCloudEvent(sent)).toMatchObject({ ...named, ...expected });
  });

  it.each<[string, unknown, string]>([
    ['no specversion', without('specversion'), 'missing_field specversion'],
    ['no id', without('id'), 'missing_field id'],
    ['no type', without('type'), 'missing_field type'],
    ['no source', without('source'), 'missing_field source'],
    ['an empty specversion', { ...MINIMAL, specversion: '' }, 'invalid_value specversion'],
    ['another specversion', { ...MINIMAL, specversion: '0.9' }, 'invalid_value specversion'],
    ...[
      'lunchtime',
      '2018-04-05T18:31Z',
      '2018-04-05T18:31:00X',
      '2018-04-05T18:31:00+25:00',
      '2018-04-05T18:31:00+xx:00',
      '2018-04-05T18:31:00+05',
    ].map((time): [string, unknown, string] => [`the time ${time}`, { ...MINIMAL, time }, 'invalid_time time']),
    ...['id', 'type', 'source', 'datacontenttype', 'dataschema', 'subject', 'time'].map(
      (name): [string, unknown, string] => [`an empty ${name}`, { ...MINIMAL, [name]: '' }, `invalid_value ${name}`],
    ),
    ['a content type that is none', { ...MINIMAL, datacontenttype: 'xyz' }, 'invalid_value datacontenttype'],
    ['a number for an id', { ...MINIMAL, id: 25 }, 'wrong_type id'],
    ['an object for an id', { ...MINIMAL, id: { xyz: 'abc' } }, 'wrong_type id'],
    ['capitals in an extension', { ...MINIMAL, MyExtension: 'bad' }, 'unknown_field '],
    ['a point in an extension', { ...MINIMAL, 'my.extension': 'bad' }, 'unknown_field '],
    ['a fraction in an extension', { ...MINIMAL, myextension: 1.5 }, 'wrong_type myextension'],
    ['a list in an extension', { ...MINIMAL, myextension: [] }, 'wrong_type myextension'],
    ['data twice', { ...MINIMAL, data: 'text', data_base64: 'eyAieHl6IjogMTIzIH0=' }, 'invalid_value data'],
    ['data that is no Base64', { ...MINIMAL, data_base64: '!' }, 'invalid_value data_base64'],
    ['a text where it should stand', 'not an object', 'not_an_object '],
  ])('is refused with %s', (_what, sent, expected) => {
    const { code, field } = readCloudEvent(sent) as { code: string; field: string };
    expect(`${code} ${field}`).toBe(expected);
  });
});

describe('the tracking event that it stands for', () => {
  const read = (sent: Record<string, unknown>) =>
    trackingFieldsOf(readCloudEvent({ ...MINIMAL, ...sent }) as CloudEvent);
  const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it('has its fields from extensions, its key from the subject for want of one, and keeps the rest', () => {
    const sent = {
      ...CORE,
      process: 'orders',
      stage: 'shop',
      sequence: '17',
      attempt: 2,
      test: 'true',
      manual: 'false',
      synthetic: true,
      custom: 1,
      data: { a: 1 },
    };
    const { fields, attributes } = read(sent);
    const { specversion: _, ...named } = MINIMAL;
    expect(fields).toEqual({
      ...named,
      occurredAt: CORE.time,
      process: 'orders',
      stage: 'shop',
      key: 'tests',
      sequence: 17,
      attempt: 2,
      test: true,
      manual: false,
      synthetic: true,
      data: { a: 1 },
    });
    const { time: _time, ...beside } = CORE;
    expect(JSON.parse(JSON.stringify(attributes))).toEqual({ ...beside, custom: 1 });
    expect(read({ subject: 'a', businesskey: 'b' }).fields['key']).toBe('b');
  });

  it('hands its trace on, and keeps it', () => {
    const { fields, attributes } = read({ traceparent: TRACE, correlationid: 'c' });
    expect([fields['traceparent'], fields['correlationId'], attributes['traceparent']]).toEqual([TRACE, 'c', TRACE]);
  });

  it('wraps data that is no object', () => {
    expect(read({ data: 'text' }).fields['data']).toEqual({ value: 'text' });
    expect(read({ data: null }).fields['data']).toEqual({ value: null });
    expect(read({ data_base64: 'AA==' }).fields['data']).toEqual({ base64: 'AA==' });
  });

  it('is mended by its own names', () => {
    expect(['key', 'occurredAt', 'originAt', 'process'].map(attributeOf)).toEqual([
      'businesskey',
      'time',
      'originat',
      'process',
    ]);
  });

  it.each([
    [TRACE, '4bf92f3577b34da6a3ce929d0e0e4736'],
    [`${TRACE.replace('00-', 'cc-')}-what-the-future-brings`, '4bf92f3577b34da6a3ce929d0e0e4736'],
    [TRACE.replace('00-', 'ff-'), undefined],
    [TRACE.toUpperCase(), undefined],
    [TRACE.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)), undefined],
    [TRACE.replace('00f067aa0ba902b7', '0'.repeat(16)), undefined],
    [`${TRACE}x`, undefined],
    [`${TRACE}-more`, undefined],
  ])('reads the trace context %s', (text, id) => expect(traceIdOf(text)).toBe(id));
});
