import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  startPagerDutyEmulator,
  type EmulatorOptions,
  type Fault,
  type PagerDutyEmulator,
} from '@holdfast/platform/pagerduty-emulator';
import { EventsClient, PagerDutyError, type EventsClientOptions, type TriggerEvent } from '.';
import { VirtualTiming } from '@holdfast/platform/delivery/testing/virtual-timing';

const KEY = 'R0UT1NGK3YR0UT1NGK3YR0UT1NGK3YAB';
const OTHER_KEY = 'ffffffffffffffffffffffffffffffff';
const EVENT: TriggerEvent = {
  routingKey: KEY,
  dedupKey: 'alert/1',
  summary: '12 orders lost',
  source: 'order-to-cash',
  severity: 'critical',
};

const started: PagerDutyEmulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.stop()));
});

async function emulate(options: EmulatorOptions = {}): Promise<PagerDutyEmulator> {
  const emulator = await startPagerDutyEmulator(options);
  started.push(emulator);
  return emulator;
}

const clientOf = (emulator: PagerDutyEmulator, options: EventsClientOptions = {}): EventsClient =>
  new EventsClient({ baseUrl: emulator.url, timing: new VirtualTiming(), ...options });

async function failureOf(work: Promise<unknown>): Promise<PagerDutyError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PagerDutyError)) throw new Error(`no PagerDutyError but ${inspect(error)}`);
  return error;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

describe('events', () => {
  test('a trigger calls a person once and tells everything', async () => {
    const emulator = await emulate();
    const result = await clientOf(emulator).trigger({
      ...EVENT,
      timestamp: '2030-01-02T03:04:05.678Z',
      component: 'hub',
      group: 'messages',
      class: 'missing',
      customDetails: { lost: 12 },
      links: [{ href: 'https://console.example/w/1', text: 'Window' }, { href: 'https://console.example/' }],
      client: 'Holdfast',
      clientUrl: 'https://console.example/',
    });
    expect(result).toEqual({ status: 'success', dedupKey: 'alert/1', message: 'Event processed' });
    await emulator.idle();
    expect(emulator.notifications()).toMatchObject([
      { routingKey: KEY, dedupKey: 'alert/1', summary: '12 orders lost', severity: 'critical' },
    ]);
    expect(emulator.calls()[0]?.body).toEqual({
      routing_key: KEY,
      event_action: 'trigger',
      dedup_key: 'alert/1',
      payload: {
        summary: '12 orders lost',
        source: 'order-to-cash',
        severity: 'critical',
        timestamp: '2030-01-02T03:04:05.678Z',
        component: 'hub',
        group: 'messages',
        class: 'missing',
        custom_details: { lost: 12 },
      },
      links: [{ href: 'https://console.example/w/1', text: 'Window' }, { href: 'https://console.example/' }],
      client: 'Holdfast',
      client_url: 'https://console.example/',
    });
  });

  test('acknowledge and resolve move the incident on', async () => {
    const emulator = await emulate();
    const client = clientOf(emulator);
    await client.trigger(EVENT);
    await client.acknowledge(EVENT);
    await emulator.idle();
    expect(emulator.incidents()[0]?.status).toBe('acknowledged');
    await client.resolve(EVENT);
    await emulator.idle();
    expect(emulator.incidents()[0]?.status).toBe('resolved');
  });

  test('a summary beyond the limit is cut and still pages', async () => {
    const emulator = await emulate();
    await clientOf(emulator).trigger({ ...EVENT, summary: '😀'.repeat(2_000) });
    await emulator.idle();
    expect(emulator.notifications()).toHaveLength(1);
  });

  test('details beyond the limit are left out and still page', async () => {
    const emulator = await emulate();
    await clientOf(emulator).trigger({ ...EVENT, customDetails: { rows: 'ü'.repeat(300_000) } });
    await emulator.idle();
    expect(emulator.notifications()).toHaveLength(1);
    expect(emulator.calls()[0]?.body).toMatchObject({ payload: { custom_details: { omitted: expect.any(String) } } });
  });

  test.each([
    ['a key too short', { routingKey: KEY.slice(1) }],
    ['a key with its line break', { routingKey: `${KEY.slice(1)}\n` }],
    ['no dedup key', { dedupKey: '' }],
    ['a dedup key too long', { dedupKey: 'x'.repeat(256) }],
    ['details that are no JSON', { customDetails: { count: 1n } }],
  ])('%s makes no call', async (_, members) => {
    const emulator = await emulate();
    const client = clientOf(emulator);
    const error = await failureOf(client.trigger({ ...EVENT, ...members }));
    expect(error).toMatchObject({ kind: 'invalid_input', retryable: false, attempts: 0 });
    expect(emulator.calls()).toEqual([]);
  });
});

describe('retries by class of error', () => {
  test.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['429', { kind: 'status', status: 429 }],
    ['200, which nobody documented', { kind: 'status', status: 200 }],
    ['a connection dropped before processing', { kind: 'drop_before_processing' }],
    ['a connection dropped after processing', { kind: 'drop_after_processing' }],
    ['an answer that does not come in time', { kind: 'slow', delayMs: 600_000 }],
  ])('%s is retried, and one person is called once', async (_, fault) => {
    const emulator = await emulate();
    emulator.inject({ ...fault, times: 2 });
    const requestTimeoutMs = fault.kind === 'slow' ? 1_500 : 60_000;
    const result = await clientOf(emulator, { requestTimeoutMs }).trigger(EVENT);
    expect(result.dedupKey).toBe('alert/1');
    await emulator.idle();
    expect(emulator.calls()).toHaveLength(3);
    expect(emulator.notifications()).toHaveLength(1);
    expect(emulator.faults()).toEqual([]);
  });

  test('dropped after processing: the repeat only adds to the log', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'drop_after_processing' });
    await clientOf(emulator).trigger(EVENT);
    await emulator.idle();
    expect(emulator.calls().map(({ outcome }) => outcome)).toEqual(['dropped', 202]);
    expect(emulator.incidents()[0]?.log.map(({ type }) => type)).toEqual(['trigger', 'notify', 'trigger']);
  });

  test('backs off exponentially with jitter, as often as allowed', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 503, times: 100 });
    const timing = new VirtualTiming({ random: 0.5 });
    const client = clientOf(emulator, { timing, maxAttempts: 6, backoffBaseMs: 1_000, backoffCapMs: 5_000 });
    const error = await failureOf(client.trigger(EVENT));
    expect(timing.slept).toEqual([500, 1_000, 2_000, 2_500, 2_500]);
    expect(error).toMatchObject({ kind: 'unavailable', status: 503, attempts: 6, retryable: true });
    expect(emulator.calls()).toHaveLength(6);
  });

  test('an invalid event is final and tells what PagerDuty found', async () => {
    const emulator = await emulate();
    const error = await failureOf(clientOf(emulator).trigger({ ...EVENT, source: '' }));
    expect(error).toMatchObject({ kind: 'invalid_event', status: 400, attempts: 1, retryable: false });
    expect(error.errors).toEqual([expect.stringContaining('source')]);
    expect(emulator.calls()).toHaveLength(1);
  });

  test.each([301, 401, 403, 404, 413])('%p is final', async (status) => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status });
    const error = await failureOf(clientOf(emulator).trigger(EVENT));
    expect(error).toMatchObject({ kind: 'rejected', status, retryable: false });
    expect(emulator.calls()).toHaveLength(1);
  });

  test('nobody listening is unavailable, by the system error', async () => {
    const emulator = await emulate();
    await emulator.stop();
    const error = await failureOf(clientOf(emulator).trigger(EVENT));
    expect(error).toMatchObject({ kind: 'unavailable', status: undefined, attempts: 5 });
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('Retry-After', () => {
  test.each([429, 503])('seconds are obeyed on %p', async (status) => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status, retryAfter: '17' });
    const timing = new VirtualTiming();
    await clientOf(emulator, { timing }).trigger(EVENT);
    expect(timing.slept).toEqual([17_000]);
  });

  test('a date is obeyed', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 429, retryAfter: new Date(Date.now() + 40_000).toUTCString() });
    const timing = new VirtualTiming();
    await clientOf(emulator, { timing }).trigger(EVENT);
    expect(timing.slept).toHaveLength(1);
    expect(timing.slept[0]).toBeGreaterThan(35_000);
    expect(timing.slept[0]).toBeLessThan(45_000);
  });

  test('beyond the deadline it fails at once, says when, and holds back the other callers of the key', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 429, retryAfter: '90' });
    const timing = new VirtualTiming();
    const client = clientOf(emulator, { timing });
    const error = await failureOf(client.trigger(EVENT));
    expect(error).toMatchObject({ kind: 'rate_limited', status: 429, retryAfterMs: 90_000, attempts: 1 });
    const second = await failureOf(client.resolve(EVENT));
    expect(second).toMatchObject({ kind: 'deadline', retryAfterMs: 90_000, attempts: 0, retryable: true });
    expect(emulator.calls()).toHaveLength(1);
    expect(timing.slept).toEqual([]);
    await client.trigger({ ...EVENT, routingKey: OTHER_KEY });
    timing.advance(90_000);
    await client.trigger(EVENT);
    expect(emulator.calls()).toHaveLength(3);
  });

  test('a Retry-After of days does not silence the key for days', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 429, retryAfter: '864000' });
    const timing = new VirtualTiming();
    const client = clientOf(emulator, { timing });
    await failureOf(client.trigger(EVENT));
    timing.advance(600_000);
    await client.trigger(EVENT);
    expect(emulator.calls()).toHaveLength(2);
  });
});

describe('deadline and rate', () => {
  test('retries end with the deadline', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 500, times: 100 });
    const timing = new VirtualTiming({ random: 0.999 });
    const start = timing.now();
    const client = clientOf(emulator, { timing, maxAttempts: 1_000, deadlineMs: 20_000 });
    const error = await failureOf(client.trigger(EVENT));
    expect(error).toMatchObject({ kind: 'unavailable', status: 500 });
    expect(timing.now() - start).toBeLessThan(20_000);
    expect(emulator.calls().length).toBeGreaterThan(4);
  });

  test('a call may have its own deadline, and waiting for a turn counts towards it', async () => {
    const emulator = await emulate();
    const timing = new VirtualTiming();
    const client = clientOf(emulator, { timing, callsPerMinute: 2, burst: 1 });
    await client.trigger(EVENT);
    const error = await failureOf(client.acknowledge(EVENT, { deadlineMs: 59_000 }));
    expect(error).toMatchObject({ kind: 'deadline', retryAfterMs: 60_000 });
    expect(emulator.calls()).toHaveLength(1);
    await client.acknowledge(EVENT, { deadlineMs: 61_000 });
    expect(timing.slept).toEqual([60_000]);
    expect(emulator.calls()).toHaveLength(2);
  });

  test('stays within the limit that PagerDuty enforces, retries included', async () => {
    const timing = new VirtualTiming();
    const emulator = await emulate({ now: timing.now });
    emulator.inject({ kind: 'status', status: 500, times: 30 });
    const client = clientOf(emulator, { timing, backoffCapMs: 1, maxAttempts: 40 });
    for (let call = 0; call < 300; call++) await client.trigger({ ...EVENT, dedupKey: `alert/${call}` });
    await emulator.idle();
    expect(emulator.notifications()).toHaveLength(300);
    expect(emulator.calls().filter(({ outcome }) => outcome === 429)).toEqual([]);
    const early = Date.parse(emulator.calls()[119]!.at) - Date.parse(emulator.calls()[0]!.at);
    expect(early).toBeLessThan(61_000);
  });

  test('with a limit set too high, PagerDuty slows it down and every event arrives', async () => {
    const timing = new VirtualTiming();
    const emulator = await emulate({ now: timing.now });
    const client = clientOf(emulator, { timing, callsPerMinute: 10_000, burst: 9_000, deadlineMs: 120_000 });
    for (let call = 0; call < 150; call++) await client.trigger({ ...EVENT, dedupKey: `alert/${call}` });
    await emulator.idle();
    expect(emulator.notifications()).toHaveLength(150);
    expect(emulator.calls().filter(({ outcome }) => outcome === 429)).toHaveLength(1);
  });
});

describe('abort', () => {
  const reason = new Error('cancelled by its caller');

  test('before the call', async () => {
    const emulator = await emulate();
    const timing = new VirtualTiming();
    const client = clientOf(emulator, { timing, callsPerMinute: 2, burst: 1 });
    await expect(client.trigger(EVENT, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(emulator.calls()).toEqual([]);
    // It has used up no turn either.
    await client.trigger(EVENT);
    expect(timing.slept).toEqual([]);
  });

  test('while waiting for a turn', async () => {
    const emulator = await emulate();
    const timing = new VirtualTiming({ held: true });
    const client = clientOf(emulator, { timing, callsPerMinute: 2, burst: 1, deadlineMs: 600_000 });
    await client.trigger(EVENT);
    const controller = new AbortController();
    const waiting = client.trigger(EVENT, { signal: controller.signal });
    await until(() => timing.slept.length === 1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(emulator.calls()).toHaveLength(1);
  });

  test('while backing off', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 500 });
    const timing = new VirtualTiming({ held: true });
    const controller = new AbortController();
    const waiting = clientOf(emulator, { timing }).trigger(EVENT, { signal: controller.signal });
    await until(() => timing.slept.length === 1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(emulator.calls()).toHaveLength(1);
  });

  test('while the call is under way, on the real clock', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'slow', delayMs: 600_000 });
    const controller = new AbortController();
    const waiting = new EventsClient({ baseUrl: emulator.url }).trigger(EVENT, { signal: controller.signal });
    await until(() => emulator.calls().length === 1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('while backing off, on the real clock', async () => {
    const emulator = await emulate();
    emulator.inject({ kind: 'status', status: 429, retryAfter: '50' });
    const controller = new AbortController();
    const waiting = new EventsClient({ baseUrl: emulator.url }).trigger(EVENT, { signal: controller.signal });
    await until(() => emulator.calls().length === 1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

/** A server that PagerDuty is not: it throws the event back in its answer. The emulator never does that. */
async function withEcho<T>(status: number, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      response.writeHead(status, { 'content-type': 'application/json', location: `http://${KEY}.example/` });
      response.end(JSON.stringify({ status: text, message: text, errors: [text, text.toLowerCase(), { text }] }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the routing key is never told', () => {
  const texts = (error: PagerDutyError): string =>
    [inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), String(error), error.stack].join();

  test.each([400, 401, 307, 429, 500, 200])('in the error of an answer %p that quotes it', async (status) => {
    const error = await withEcho(status, (url) =>
      failureOf(new EventsClient({ baseUrl: url, timing: new VirtualTiming() }).trigger(EVENT)),
    );
    expect(error.status).toBe(status);
    expect(error.errors[0]).toContain('[routing key]');
    expect(texts(error).toLowerCase()).not.toContain(KEY.toLowerCase());
  });

  test('in the error of a broken connection, a timeout, a deadline, an unusable key', async () => {
    const emulator = await emulate();
    const client = clientOf(emulator, { maxAttempts: 1, requestTimeoutMs: 1_000, callsPerMinute: 3, burst: 2 });
    emulator.inject({ kind: 'drop_before_processing' });
    emulator.inject({ kind: 'slow', delayMs: 600_000 });
    const errors = [
      await failureOf(client.trigger(EVENT)),
      await failureOf(client.trigger(EVENT)),
      await failureOf(client.trigger(EVENT, { deadlineMs: 1 })),
      await failureOf(client.trigger({ ...EVENT, routingKey: `${KEY}x` })),
    ];
    expect(errors.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable', 'deadline', 'invalid_input']);
    expect(errors[1]?.message).toContain('no answer in time');
    for (const error of errors) expect(texts(error)).not.toContain(KEY);
  });
});

test('an answer that never ends is not read to its end', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/json' });
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failureOf(new EventsClient({ baseUrl: url }).trigger(EVENT));
  expect(error).toMatchObject({ kind: 'invalid_event', errors: [] });
  server.closeAllConnections();
  server.close();
});
