import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { startPagerDutyEmulator, type EmulatorOptions, type PagerDutyEmulator } from '.';

const KEY = 'a'.repeat(32);
const OTHER_KEY = 'b'.repeat(32);
const NEVER_MS = 100_000_000;

const started: PagerDutyEmulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.stop()));
});

async function emulate(options: EmulatorOptions = {}): Promise<PagerDutyEmulator> {
  const emulator = await startPagerDutyEmulator(options);
  started.push(emulator);
  return emulator;
}

async function post(emulator: PagerDutyEmulator, body: string | Buffer) {
  const response = await fetch(`${emulator.url}/v2/enqueue`, { method: 'POST', body });
  const answer = (await response.json()) as { dedup_key?: string; errors: string[] };
  return { status: response.status, headers: response.headers, answer };
}

const event = (members: object = {}, payload: object = {}): string =>
  JSON.stringify({
    routing_key: KEY,
    event_action: 'trigger',
    dedup_key: 'd1',
    payload: { summary: 'Orders lost', source: 'hub', severity: 'error', ...payload },
    ...members,
  });
const followUp = (action: string, members: object = {}): string =>
  JSON.stringify({ routing_key: KEY, event_action: action, dedup_key: 'd1', ...members });

/** Posts one after the other and waits until all is processed. */
async function enqueue(emulator: PagerDutyEmulator, ...bodies: string[]): Promise<void> {
  for (const body of bodies) expect((await post(emulator, body)).status).toBe(202);
  await emulator.idle();
}

const statuses = (emulator: PagerDutyEmulator): string[] => emulator.incidents().map(({ status }) => status);
const logTypes = (emulator: PagerDutyEmulator): string[] =>
  emulator.incidents().flatMap(({ log }) => log.map(({ type }) => type));

describe('alerts', () => {
  test('an event is accepted before it is processed', async () => {
    const emulator = await emulate({ processingDelayMs: NEVER_MS });
    const { status, answer } = await post(emulator, event());
    expect(status).toBe(202);
    expect(answer).toEqual({ status: 'success', message: expect.any(String), dedup_key: 'd1' });
    expect(emulator.incidents()).toEqual([]);
    expect(emulator.notifications()).toEqual([]);
  });

  test('a new incident calls a person once', async () => {
    const emulator = await emulate({ now: () => Date.parse('2030-01-02T03:04:05.678Z') });
    await enqueue(emulator, event());
    expect(emulator.notifications()).toEqual([
      {
        routingKey: KEY,
        dedupKey: 'd1',
        incidentId: emulator.incidents()[0]?.id,
        summary: 'Orders lost',
        severity: 'error',
        at: '2030-01-02T03:04:05.678Z',
      },
    ]);
  });

  test('a trigger on an open alert only adds to its log, acknowledged or not', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event(), event(), followUp('acknowledge'), event());
    expect(emulator.notifications()).toHaveLength(1);
    expect(statuses(emulator)).toEqual(['acknowledged']);
    expect(logTypes(emulator)).toEqual(['trigger', 'notify', 'trigger', 'acknowledge', 'trigger']);
  });

  test('a trigger after a resolve opens a new incident and calls again', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event(), followUp('resolve'), event());
    expect(statuses(emulator)).toEqual(['resolved', 'triggered']);
    expect(emulator.notifications()).toHaveLength(2);
    expect(new Set(emulator.incidents().map(({ id }) => id)).size).toBe(2);
  });

  test('events with another routing key or an unknown dedup key move nothing', async () => {
    const emulator = await emulate();
    await enqueue(
      emulator,
      event(),
      followUp('acknowledge', { routing_key: OTHER_KEY }),
      followUp('resolve', { routing_key: OTHER_KEY }),
      followUp('acknowledge', { dedup_key: 'd2' }),
      followUp('resolve', { dedup_key: 'd2' }),
    );
    expect(logTypes(emulator)).toEqual(['trigger', 'notify']);
  });

  test('the same dedup key under two routing keys is two alerts', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event(), event({ routing_key: OTHER_KEY }));
    expect(emulator.notifications().map(({ routingKey }) => routingKey)).toEqual([KEY, OTHER_KEY]);
  });

  test('resolved is resolved: later events of the key are dropped', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event(), followUp('resolve'), followUp('acknowledge'), followUp('resolve'));
    expect(logTypes(emulator)).toEqual(['trigger', 'notify', 'resolve']);
  });

  test('a trigger without a dedup key gets one of its own each time', async () => {
    const emulator = await emulate();
    const body = event({ dedup_key: undefined });
    const keys = [(await post(emulator, body)).answer.dedup_key, (await post(emulator, body)).answer.dedup_key];
    await emulator.idle();
    expect(new Set(keys).size).toBe(2);
    expect(emulator.notifications().map(({ dedupKey }) => dedupKey)).toEqual(keys);
  });

  test('events of a key are processed in the order of their acceptance', async () => {
    let delay = 100;
    const emulator = await emulate({ processingDelayMs: () => (delay -= 10) });
    const actions = ['trigger', 'acknowledge', 'resolve', 'trigger', 'resolve', 'trigger', 'acknowledge'];
    // The later an event, the sooner it could be processed.
    for (const action of actions) await post(emulator, action === 'trigger' ? event() : followUp(action));
    await emulator.idle();
    expect(logTypes(emulator).filter((type) => type !== 'notify')).toEqual(actions);
    expect(statuses(emulator)).toEqual(['resolved', 'resolved', 'acknowledged']);
  });
});

describe('a person', () => {
  test('acknowledges and resolves the open incident of the key', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event(), followUp('resolve'), event());
    expect(emulator.acknowledge('d1')).toMatchObject({ number: 2, status: 'acknowledged' });
    expect(emulator.resolve('d1', KEY)).toMatchObject({ number: 2, status: 'resolved' });
    expect(emulator.resolve('d1')).toBeUndefined();
  });

  test('does not reach an incident of another routing key', async () => {
    const emulator = await emulate();
    await enqueue(emulator, event());
    expect(emulator.acknowledge('d1', OTHER_KEY)).toBeUndefined();
    expect(emulator.acknowledge('d2')).toBeUndefined();
    expect(statuses(emulator)).toEqual(['triggered']);
  });
});

describe('validation', () => {
  test.each([
    ['no JSON', '{', 'JSON'],
    ['an empty body', '', 'JSON'],
    ['no object', '[]', 'object'],
    ['no routing key', event({ routing_key: undefined }), 'routing_key'],
    ['a routing key too short', event({ routing_key: 'abc' }), 'routing_key'],
    ['a routing key that is no text', event({ routing_key: 7 }), 'routing_key'],
    ['no action', event({ event_action: undefined }), 'event_action'],
    ['an unknown action', event({ event_action: 'Trigger' }), 'event_action'],
    ['a dedup key too long', event({ dedup_key: 'x'.repeat(256) }), 'dedup_key'],
    ['a dedup key that is no text', event({ dedup_key: {} }), 'dedup_key'],
    ['acknowledge without dedup key', followUp('acknowledge', { dedup_key: undefined }), 'dedup_key'],
    ['resolve with a blank dedup key', followUp('resolve', { dedup_key: '' }), 'dedup_key'],
    ['no payload', event({ payload: undefined }), 'payload'],
    ['no summary', event({}, { summary: undefined }), 'summary'],
    ['a blank summary', event({}, { summary: '  ' }), 'summary'],
    ['a summary too long', event({}, { summary: 'x'.repeat(1_025) }), 'summary'],
    ['no source', event({}, { source: '' }), 'source'],
    ['no severity', event({}, { severity: undefined }), 'severity'],
    ['an unknown severity', event({}, { severity: 'fatal' }), 'severity'],
    ['a timestamp that is none', event({}, { timestamp: 'soon' }), 'timestamp'],
    ['a component that is no text', event({}, { component: 1 }), 'component'],
    ['details that are no object', event({}, { custom_details: 'x' }), 'custom_details'],
    ['links without address', event({ links: [{ text: 'x' }] }), 'links'],
    ['images without address', event({ images: {} }), 'images'],
    ['a client that is no text', event({ client: [] }), 'client'],
  ])('%s is refused with 400', async (_, body, named) => {
    const emulator = await emulate();
    const { status, answer } = await post(emulator, body);
    expect(status).toBe(400);
    expect(answer).toEqual({ status: 'invalid event', message: expect.any(String), errors: expect.any(Array) });
    expect(answer.errors.join()).toContain(named);
    await emulator.idle();
    expect(emulator.incidents()).toEqual([]);
  });

  test('tells all problems at once', async () => {
    const emulator = await emulate();
    const { answer } = await post(emulator, event({ routing_key: '' }, { severity: 'x', source: '' }));
    expect(answer.errors).toHaveLength(3);
  });

  test.each([
    ['everything documented', event({ client: 'c', client_url: 'u', links: [{ href: 'h' }], images: [{ src: 's' }] })],
    ['limits reached', event({ dedup_key: 'x'.repeat(255) }, { summary: '😀'.repeat(1_024) })],
    ['a timestamp as documented', event({}, { timestamp: '2015-07-17T08:42:58.315+0000', custom_details: { a: 1 } })],
    ['members unknown to it', event({ whatever: 1 })],
  ])('%s is accepted', async (_, body) => {
    const emulator = await emulate();
    expect((await post(emulator, body)).status).toBe(202);
  });

  test('512 KB are accepted, one byte more is refused', async () => {
    const emulator = await emulate();
    const whole = (filler: number) => event({}, { custom_details: { filler: 'x'.repeat(filler) } });
    const room = 512 * 1024 - whole(0).length;
    expect((await post(emulator, whole(room))).status).toBe(202);
    const refused = await post(emulator, whole(room + 1));
    expect(refused.status).toBe(400);
    expect(refused.answer.errors.join()).toContain('512 KB');
    expect((await post(emulator, whole(5_000_000))).status).toBe(400);
  });

  test('no body makes it fail, and what it accepts is an event', async () => {
    const emulator = await emulate({ callsPerMinute: 100_000 });
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom('trigger', 'resolve', KEY, 'd1', 'error'));
    const nearly = fc
      .record(
        {
          routing_key: member,
          event_action: member,
          dedup_key: member,
          payload: member,
          links: member,
          client: member,
        },
        { requiredKeys: [] },
      )
      .map((members) => event(members));
    const payload = fc
      .record({ summary: member, source: member, severity: member, timestamp: member }, { requiredKeys: [] })
      .map((members) => event({}, members));
    const body = fc.oneof(
      fc.json(),
      nearly,
      payload,
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const { status, answer } = await post(emulator, text);
        expect([202, 400]).toContain(status);
        if (status === 202) expect(typeof answer.dedup_key).toBe('string');
        else expect(answer.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
    await emulator.idle();
  });

  test('no control request makes it fail', async () => {
    const emulator = await emulate();
    const path = fc.constantFrom(
      'state',
      'acknowledge',
      'resolve',
      'faults',
      'webhook',
      'idle',
      '',
      '%zz',
      'state?x=1',
    );
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH');
    const body = fc.oneof(fc.json(), fc.constant('null'), fc.constant('{"kind":"slow"}'));
    await fc.assert(
      fc.asyncProperty(path, method, body, async (resource, verb, text) => {
        const init = verb === 'GET' ? { method: verb } : { method: verb, body: text };
        const response = await fetch(`${emulator.url}/emulator/${resource}`, init);
        await response.arrayBuffer();
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });

  test('a sender that breaks off in the middle leaves it standing', async () => {
    const emulator = await emulate();
    const request = httpRequest(`${emulator.url}/v2/enqueue`, { method: 'POST', headers: { 'content-length': 1_000 } });
    const broken = new Promise((resolve) => request.on('error', resolve));
    request.write('{"routing_key":', () => request.destroy());
    await broken;
    await enqueue(emulator, event());
    expect(emulator.notifications()).toHaveLength(1);
  });
});

describe('call limit', () => {
  test('counts per key over the last 60 seconds and says when to come back', async () => {
    let clock = Date.parse('2030-01-01T00:00:00Z');
    const emulator = await emulate({ callsPerMinute: 3, now: () => clock });
    for (let call = 0; call < 3; call++) {
      expect((await post(emulator, event())).status).toBe(202);
      clock += 10_000;
    }
    const refused = await post(emulator, event({ dedup_key: 'd2' }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect((await post(emulator, event({ routing_key: OTHER_KEY }))).status).toBe(202);
    clock += 29_000;
    expect((await post(emulator, event())).headers.get('retry-after')).toBe('1');
    clock += 1_000;
    expect((await post(emulator, event())).status).toBe(202);
    await emulator.idle();
    // The refused one was not taken.
    expect(emulator.incidents().map(({ dedupKey }) => dedupKey)).toEqual(['d1', 'd1']);
  });

  test('is 120 a minute unless told otherwise', async () => {
    const emulator = await emulate({ now: () => 1_000_000 });
    for (let call = 0; call < 120; call++) expect((await post(emulator, event())).status).toBe(202);
    expect((await post(emulator, event())).status).toBe(429);
  });
});

describe('faults', () => {
  test('a status comes instead of the event, as often as told', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 503, times: 2 });
    emulator.inject({ kind: 'status', status: 429, retryAfter: '7' });
    expect((await post(emulator, event())).status).toBe(503);
    expect((await post(emulator, event())).status).toBe(503);
    const throttled = await post(emulator, event());
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
    await emulator.idle();
    expect(emulator.incidents()).toEqual([]);
    expect((await post(emulator, event())).status).toBe(202);
  });

  test('dropped before processing: no answer, no incident', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'drop_before_processing' });
    await expect(post(emulator, event())).rejects.toThrow();
    await emulator.idle();
    expect(emulator.incidents()).toEqual([]);
    expect(emulator.calls()).toMatchObject([{ outcome: 'dropped', routingKey: KEY }]);
  });

  test('dropped after processing: no answer, but the incident is there', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'drop_after_processing' });
    await expect(post(emulator, event())).rejects.toThrow();
    expect(emulator.notifications()).toHaveLength(1);
  });

  test('slow: processed long before the answer', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'slow', delayMs: 10_000 });
    const patience = new AbortController();
    const answer = fetch(`${emulator.url}/v2/enqueue`, { method: 'POST', body: event(), signal: patience.signal });
    while (emulator.notifications().length === 0) await new Promise(setImmediate);
    patience.abort();
    await expect(answer).rejects.toThrow();
  });

  test('are cleared on demand', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 500, times: 9 });
    await post(emulator, event());
    expect(emulator.faults()).toEqual([{ kind: 'status', status: 500, times: 8 }]);
    emulator.clearFaults();
    expect((await post(emulator, event())).status).toBe(202);
  });
});

describe('control over HTTP', () => {
  async function control(emulator: PagerDutyEmulator, method: string, path: string, body?: object | null) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${emulator.url}/emulator/${path}`, init);
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  }

  test('state, people and faults', async () => {
    const emulator = await emulate();
    await post(emulator, event());
    await control(emulator, 'POST', 'idle');
    const agent = { id: 'P1', type: 'user_reference', summary: 'Ada' };
    const taken = await control(emulator, 'POST', 'acknowledge', { dedup_key: 'd1', routing_key: KEY, agent });
    expect(taken).toMatchObject({ status: 200, answer: { status: 'acknowledged' } });
    expect(emulator.incidents()[0]?.log.at(-1)).toMatchObject({ type: 'acknowledge', agent });
    expect((await control(emulator, 'POST', 'acknowledge', { dedup_key: 'd2' })).status).toBe(404);
    expect((await control(emulator, 'POST', 'resolve', { dedup_key: 'd1' })).status).toBe(200);
    const { answer } = await control(emulator, 'GET', 'state');
    expect(answer).toMatchObject({
      incidents: [{ status: 'resolved' }],
      notifications: [{ dedupKey: 'd1' }],
      calls: [{ outcome: 202 }],
    });
    expect((await control(emulator, 'POST', 'faults', { kind: 'status', status: 500, times: 2 })).status).toBe(200);
    expect((await post(emulator, event())).status).toBe(500);
    expect((await control(emulator, 'DELETE', 'faults')).status).toBe(200);
    expect((await post(emulator, event())).status).toBe(202);
  });

  test.each([
    ['POST', 'faults', { kind: 'earthquake' }, 400],
    ['POST', 'faults', { kind: 'status' }, 400],
    ['POST', 'acknowledge', {}, 400],
    ['PUT', 'webhook', { url: 'nowhere' }, 400],
    ['GET', 'nothing', undefined, 404],
  ])('%s %s %p answers %p', async (method, path, body, status) => {
    expect((await control(await emulate(), method, path, body)).status).toBe(status);
  });
});

describe('state file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pagerduty-emulator-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('what was accepted but not processed is processed by the next emulator, and open alerts stay open', async () => {
    const stateFile = join(folder, 'state.json');
    const first = await emulate({ stateFile, processingDelayMs: NEVER_MS });
    await post(first, event());
    await first.stop();
    const second = await emulate({ stateFile });
    await second.idle();
    expect(second.notifications()).toHaveLength(1);
    await second.stop();
    const third = await emulate({ stateFile });
    await enqueue(third, event(), followUp('acknowledge'));
    expect(third.notifications()).toHaveLength(1);
    expect(logTypes(third)).toEqual(['trigger', 'notify', 'trigger', 'acknowledge']);
  });
});
