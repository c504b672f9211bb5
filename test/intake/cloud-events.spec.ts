import { gzipSync } from 'node:zlib';
import { event, intakeSuite } from './stack';

const STRUCTURED = 'application/cloudevents+json; charset=utf-8';
const BATCHED = 'application/cloudevents-batch+json';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACE_PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('CloudEvents over HTTP', () => {
  const suite = intakeSuite();
  let fresh = 0;
  const key = (): string => `K-${++fresh}`;
  /** The event of the HTTP binding's conformance cases, with what tells where it belongs. */
  const cloudEvent = (businesskey: string, over: Record<string, unknown> = {}): Record<string, unknown> => ({
    specversion: '1.0',
    type: 'com.example.someevent',
    time: '2018-04-05T03:56:24Z',
    id: `id-${businesskey}`,
    source: '/mycontext/subcontext',
    process: 'orders',
    stage: 'shop',
    businesskey,
    data: { message: 'Hello World!' },
    ...over,
  });
  const headersOf = ({ data: _, ...attributes }: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]));
  const only = async (of: string) => {
    const entries = await suite.stack.timeline('orders', of);
    expect(entries).toHaveLength(1);
    return entries[0]!;
  };

  it.each(['application/json', 'application/json; charset=utf-8'])('binary mode with %s', async (type) => {
    const of = key();
    const sent = cloudEvent(of);
    const body = '{\n    "message": "Hello World!"\n}';
    const receipt = await suite.stack.post(body, { ...headersOf(sent), 'content-type': type });
    expect(receipt.body).toMatchObject({ received: 1, stored: 1 });
    expect(await only(of)).toMatchObject({
      id: `id-${of}`,
      type: 'com.example.someevent',
      source: '/mycontext/subcontext',
      occurredAt: '2018-04-05T03:56:24Z',
      data: { message: 'Hello World!' },
    });
  });

  it('structured and batched mode; all modes say the same', async () => {
    const [a, b] = [key(), key()];
    expect((await suite.stack.post(JSON.stringify(cloudEvent(a)), { 'content-type': STRUCTURED })).body).toMatchObject({
      stored: 1,
    });
    const both = gzipSync(JSON.stringify([cloudEvent(a), cloudEvent(b)]));
    const batched = await suite.stack.post(both, { 'content-type': BATCHED, 'content-encoding': 'gzip' });
    expect(batched.body).toMatchObject({ stored: 1, duplicate: 1 });
    const binary = { ...headersOf(cloudEvent(b)), 'content-type': 'application/json; charset=utf-8' };
    expect((await suite.stack.post('{"message":"Hello World!"}', binary)).body).toMatchObject({ duplicate: 1 });
    const { businesskey, id, time, data, ...rest } = cloudEvent(b);
    const own = { id, source: rest['source'], process: 'orders', stage: 'shop', key: businesskey, type: rest['type'] };
    expect((await suite.stack.post([{ ...own, occurredAt: time, data }])).body).toMatchObject({ duplicate: 1 });
  });

  it('typed extensions say the same in headers; data that is no object keeps its digits', async () => {
    const [typed, list] = [key(), key()];
    const sent = cloudEvent(typed, { count: 1, flag: true });
    expect((await suite.stack.post(JSON.stringify(sent), { 'content-type': STRUCTURED })).body).toMatchObject({
      stored: 1,
    });
    const binary = { ...headersOf(sent), 'content-type': 'application/json' };
    expect((await suite.stack.post('{"message":"Hello World!"}', binary)).body).toMatchObject({ duplicate: 1 });
    const numbers = (last: string): string =>
      JSON.stringify(cloudEvent(list, { data: ['$'] })).replace('"$"', `1, 1234567890123456${last}`);
    expect((await suite.stack.post(numbers('7'), { 'content-type': STRUCTURED })).body).toMatchObject({ stored: 1 });
    expect((await suite.stack.post(numbers('8'), { 'content-type': STRUCTURED })).status).toBe(409);
  });

  it('refuses what the body says in a header, and formats that it does not know', async () => {
    const of = key();
    const named = { ...headersOf(cloudEvent(of)), 'content-type': 'application/json' };
    for (const header of ['ce-data', 'ce-datacontenttype'])
      expect((await suite.stack.post('{}', { ...named, [header]: 'x' })).body['problems']).toMatchObject([
        { code: 'unknown_field' },
      ]);
    expect((await suite.stack.post('{}', { ...named, 'content-type': 'application/cloudevents+avro' })).status).toBe(
      415,
    );
  });

  it('an empty batch is one', async () => {
    expect(await suite.stack.post('[]', { 'content-type': BATCHED })).toMatchObject({
      status: 200,
      body: { received: 0 },
    });
  });

  it('text and bytes as data; texts of headers as they were meant', async () => {
    const [text, bytes] = [key(), key()];
    const named = { ...headersOf(cloudEvent(text)), 'ce-shop': 'Z%C3%BCrich %E2%82%AC', 'ce-quoted': '"a \\"b\\""' };
    await suite.stack.post('Grüße', { ...named, 'content-type': 'text/plain; charset=utf-8' });
    expect(await only(text)).toMatchObject({
      data: { value: 'Grüße' },
      attributes: { shop: 'Zürich €', quoted: 'a "b"' },
    });
    await suite.stack.post(Buffer.from([0, 255]), {
      ...headersOf(cloudEvent(bytes)),
      'content-type': 'application/octet-stream',
    });
    expect((await only(bytes)).data).toEqual({ base64: 'AP8=' });
  });

  it.each([
    ['an event that no stage can be told of', { stage: undefined }, 'missing_field', 'stage'],
    ['a stage that is none', { stage: 'moon' }, 'unknown_stage', 'stage'],
    ['no time', { time: undefined }, 'missing_field', 'time'],
    ['no key', { businesskey: undefined }, 'missing_field', 'businesskey'],
    ['an attempt that is none', { attempt: 'first' }, 'wrong_type', 'attempt'],
    ['another version', { specversion: '0.3' }, 'invalid_value', 'specversion'],
  ])('refuses %s', async (_what, over, code, field) => {
    const { status, body } = await suite.stack.post(JSON.stringify(cloudEvent(key(), over)), {
      'content-type': STRUCTURED,
    });
    expect(status).toBe(400);
    expect(body['problems']).toMatchObject([{ line: 1, code, field }]);
  });

  it('refuses data in binary mode that is no JSON, or closes the record and goes on behind it', async () => {
    for (const body of ['{"message":', '{},"status":"failed"', '{}{}']) {
      const of = key();
      const answer = await suite.stack.post(body, { ...headersOf(cloudEvent(of)), 'content-type': 'application/json' });
      expect(answer.body['problems']).toMatchObject([{ code: 'malformed_json' }]);
      expect(await suite.stack.timeline('orders', of)).toEqual([]);
    }
  });

  it('takes other types in binary mode alone', async () => {
    expect((await suite.stack.post('x', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  describe('correlation', () => {
    it('is the trace that an event names, then that of its request, which a resend may change', async () => {
      const of = key();
      const own = { source: of, key: of, correlationId: undefined };
      const events = [
        event({ ...own, id: 'named', correlationId: 'c' }),
        event({ ...own, id: 'traced', traceparent: TRACE_PARENT.replaceAll('4', '5') }),
        event({ ...own, id: 'neither' }),
      ];
      expect((await suite.stack.post(events, { traceparent: TRACE_PARENT })).body).toMatchObject({ stored: 3 });
      const ids = new Map(
        (await suite.stack.timeline('orders', of)).map(({ id, correlationId }) => [id, correlationId]),
      );
      expect(Object.fromEntries(ids)).toEqual({ named: 'c', traced: TRACE.replaceAll('4', '5'), neither: TRACE });
      const reformatted = JSON.stringify(events, null, 1);
      for (const traceparent of [TRACE_PARENT.replaceAll('a', 'b'), 'nonsense'])
        expect((await suite.stack.post(reformatted, { traceparent })).body).toMatchObject({ duplicate: 3 });
      const other = JSON.stringify(events).replace(/00-5b/, '00-6b');
      expect(other).not.toBe(JSON.stringify(events));
      expect((await suite.stack.post(other)).body).toMatchObject({ duplicate: 3 });
      const renamed = JSON.stringify(events).replace('"correlationId":"c"', '"correlationId":"d"');
      expect((await suite.stack.post(renamed)).body).toMatchObject({ duplicate: 2, conflict: 1 });
    });
  });
});
