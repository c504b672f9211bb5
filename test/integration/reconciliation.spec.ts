import { OpenWindowActivities } from '@holdfast/domains/reconciliation/open-window.activities';
import { formatInstant, microsOf, type Micros } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import type { TemporalServer } from '@holdfast/platform/temporal-server';
import { startTestTemporal } from '@holdfast/platform/testing/temporal';
import { openDueWindows } from '@holdfast/workflows/reconciliation/open-due-windows/contract';
import { Client, ScheduleNotFoundError } from '@temporalio/client';
import { HOUR, MINUTE, minuteOf, processOn, startStage, until, windowOn, type Stage } from '../workflow/stage';

let temporal: TemporalServer;
let stage: Stage;

beforeAll(async () => {
  leaveSignalsToNest();
  temporal = await startTestTemporal();
  stage = await startStage(temporal.address, { HOLDFAST_LATE_EVENTS_EVERY_MS: '100' });
});
afterAll(async () => {
  await stage?.stop();
  await temporal?.stop();
});

const now = (): Micros => Date.now() * 1000;
const body = (process: string, from: Micros, to: Micros) => ({
  process,
  from: formatInstant(from),
  to: formatInstant(to),
});
const hourAgo = (hours: number): Micros => minuteOf(now()) - hours * HOUR;
/** All items of a list, page by page. @returns them and the number of pages */
async function allOf(url: string): Promise<{ items: Record<string, unknown>[]; pages: number }> {
  const items: Record<string, unknown>[] = [];
  for (let pages = 1, next = ''; ; pages++) {
    const answer = await stage.call('GET', `${url}${next && `&cursor=${next}`}`);
    expect(answer.status).toBe(200);
    items.push(...(answer.body.items as Record<string, unknown>[]));
    if (answer.body.next === undefined) return { items, pages };
    next = answer.body.next as string;
  }
}

// First, so that the time until its Schedule is made passes while others run.
const SCHEDULED = 'every-minute';
let upTo: Micros;
it('a process may be defined as scheduled', async () => {
  // As if its schedule had run until five minutes ago.
  upTo = minuteOf(now()) - 5 * MINUTE;
  const step = stage.worker.get(OpenWindowActivities, { strict: false });
  await step.register({ process: SCHEDULED, from: upTo - MINUTE, to: upTo, by: '' });
  await processOn(stage, SCHEDULED, { window: { seconds: 60, scheduled: true }, graceSeconds: 0 });
});

describe('starting a reconciliation', () => {
  const id = 'start';
  const to = hourAgo(2);
  beforeAll(() => processOn(stage, id));

  it('answers where to look, and the same to a repeat of the call', async () => {
    const asked = { body: body(id, to - HOUR, to), idempotencyKey: 'start-1' };
    const first = await stage.call('POST', '/v1/reconciliations', asked);
    expect(first.status).toBe(202);
    const { id: window } = first.body as { id: string };
    expect(window).toMatch(/^start_\d{8}T\d{4}Z_\d{8}T\d{4}Z$/);
    expect(first.body).toEqual({
      id: window,
      isNew: true,
      links: {
        self: `/v1/reconciliations/${window}`,
        discrepancies: `/v1/reconciliations/${window}/discrepancies`,
        revisions: `/v1/reconciliations/${window}/revisions`,
      },
    });
    expect((await stage.call('POST', '/v1/reconciliations', asked)).body).toEqual(first.body);
    await windowOn(stage, window).is('matched');
    // The same window with a key of its own is another call about the same thing.
    const again = await stage.call('POST', '/v1/reconciliations', { body: body(id, to - HOUR, to) });
    expect(again).toMatchObject({ status: 202, body: { id: window, isNew: false } });
  });

  it.each([
    ['shares time with another', () => body(id, to - MINUTE, to + MINUTE), 409, 'window_overlaps'],
    ['ends before it begins', () => body(id, to, to - HOUR), 400, 'invalid_request'],
    [
      'begins and ends at the same instant',
      () => ({ process: id, from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:00+01:00' }),
      400,
      'invalid_request',
    ],
    ['is longer than a year', () => body(id, to - 24 * 367 * HOUR, to), 400, 'invalid_request'],
    ['does not begin on a minute', () => body(id, to - HOUR + 1_000_000, to), 400, 'invalid_request'],
    ['is of an unknown process', () => body('no-such', to - HOUR, to), 400, 'unknown_process'],
    [
      'has no offset',
      () => ({ process: id, from: '2026-11-20T10:00:00', to: '2026-11-20T11:00:00' }),
      400,
      'invalid_request',
    ],
    ['names what is not known', () => ({ ...body(id, to - HOUR, to), until: 'x' }), 400, 'invalid_request'],
  ])('is refused when it %s', async (_why, asked, status, code) => {
    const answer = await stage.call('POST', '/v1/reconciliations', { body: asked() });
    expect(answer).toMatchObject({ status, body: { code, type: `/problems/${code}` } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect((await stage.call('GET', `/v1/reconciliations?process=${id}`)).body.items).toHaveLength(1);
  });

  it.each(['no-such_20261120T0000Z_20261121T0000Z', 'nonsense', 'start_20261121T0000Z_20261120T0000Z'])(
    '%s is not found anywhere',
    async (unknown) => {
      for (const url of ['', '/discrepancies', '/revisions'])
        expect(await stage.call('GET', `/v1/reconciliations/${unknown}${url}`)).toMatchObject({
          status: 404,
          body: { code: 'reconciliation_not_found' },
        });
      for (const url of ['/judge', '/cancel'])
        expect((await stage.call('POST', `/v1/reconciliations/${unknown}${url}`)).status).toBe(404);
    },
  );
});

describe('a window', () => {
  it('goes from gaps to healed as late events arrive, and every revision stays', async () => {
    const process = await processOn(stage, 'orders');
    const to = hourAgo(2);
    const at = to - 30 * MINUTE;
    for (let order = 1; order <= 5; order++) await process.tell(at, `whole-${order}`);
    await process.tell(at, 'lost-1', ['shop', 'hub']);
    await process.tell(at, 'lost-2', ['shop', 'hub']);
    await process.tell(at, 'twice');
    await process.tell(at, 'twice', ['erp']);
    await process.tell(at, 'from-nowhere', ['erp']);
    await process.tell(at, 'changed', ['shop'], 10);
    await process.tell(at, 'changed', ['hub', 'erp'], 11);
    const window = await process.open(to - HOUR, to);
    const found = await window.is('gaps', 1);
    expect(found.verdict).toMatchObject({
      revision: 1,
      state: 'gaps',
      depth: 'field',
      open: 5,
      accepted: 0,
      discrepancies: { missing: 2, duplicate: 1, orphan: 1, mutated: 1 },
      events: { shop: 9, hub: 9, erp: 9 },
      processVersion: 1,
    });
    expect(found).toMatchObject({ deadline: formatInstant(to + MINUTE), alert: null, openedBy: 'admin' });

    const all = await window.discrepancies();
    expect(all.map(({ key, kind, stage: where, hop, status }) => [key, kind, where, hop, status])).toEqual([
      ['changed', 'mutated', 'hub', 'shop->hub', 'open'],
      ['from-nowhere', 'orphan', 'erp', 'hub->erp', 'open'],
      ['lost-1', 'missing', 'erp', 'hub->erp', 'open'],
      ['lost-2', 'missing', 'erp', 'hub->erp', 'open'],
      ['twice', 'duplicate', 'erp', 'hub->erp', 'open'],
    ]);
    expect(all[0]).toMatchObject({ field: 'amount', expected: '{"amount":10}', found: '{"amount":11}' });
    const paged = await allOf(`${window.url}/discrepancies?limit=2`);
    expect(paged).toEqual({ items: all, pages: 3 });
    const keys = async (query: string): Promise<unknown[]> => (await window.discrepancies(query)).map(({ key }) => key);
    expect(await keys('kind=missing')).toEqual(['lost-1', 'lost-2']);
    expect(await keys('stage=hub')).toEqual(['changed']);
    expect(await keys('key=twice')).toEqual(['twice']);
    expect(await keys('status=accepted')).toEqual([]);
    for (const wrong of ['kind=wrong', 'cursor=nonsense', 'limit=0', 'unknown=1', 'revision=x'])
      expect((await stage.call('GET', `${window.url}/discrepancies?${wrong}`)).status).toBe(400);
    expect(await stage.call('GET', `${window.url}/discrepancies?revision=2`)).toMatchObject({
      status: 404,
      body: { code: 'revision_not_found' },
    });

    await process.tell(at, 'lost-1', ['erp']);
    await window.is('gaps', 2);
    await process.tell(at, 'lost-2', ['erp']);
    await until('both have arrived', async () => (await window.revisions()).at(-1)?.open === 3);
    expect((await window.discrepancies()).map(({ key }) => key)).toEqual(['changed', 'from-nowhere', 'twice']);
    const [seen] = await window.discrepancies('key=twice');
    expect(seen.firstSeenAt).toBe(all.find(({ key }) => key === 'twice')!.firstSeenAt);

    // What cannot heal by arriving is accepted.
    const accepted = await window.accept({ all: true, reason: 'written off' });
    expect(accepted).toMatchObject({ status: 201, body: { state: 'accepted', open: 0 } });
    expect(await window.get()).toMatchObject({ state: 'accepted' });
    expect(await keys('revision=1')).toEqual(['changed', 'from-nowhere', 'lost-1', 'lost-2', 'twice']);
    const { items, pages } = await allOf(`${window.url}/revisions?limit=1`);
    expect(pages).toBe(items.length);
    expect(items.map(({ revision }) => revision)).toEqual(items.map((_, index) => items.length - index));
    expect(items.at(-1)).toEqual(found.verdict);
  });

  it('heals, and a person has it judged again', async () => {
    const process = await processOn(stage, 'heals');
    const to = hourAgo(2);
    await process.tell(to - MINUTE, 'lost', ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    await window.is('gaps');
    await process.tell(to - MINUTE, 'lost', ['erp']);
    await window.is('healed', 2);
    expect(await window.judge()).toMatchObject({ status: 202, body: { id: window.id } });
    await window.is('healed', 3);
    expect(await window.states()).toEqual(['1 gaps 1', '2 healed 0', '3 healed 0']);
    expect(await window.story()).toEqual([
      'opened by admin',
      'waiting',
      'gaps',
      'healed',
      'judging by admin',
      'healed',
    ]);
  });

  it('is cancelled once, and what arrives afterwards does not reopen it', async () => {
    const process = await processOn(stage, 'cancels');
    const to = hourAgo(2);
    await process.tell(to - MINUTE, 'lost', ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    await window.is('gaps');
    expect(await window.cancel()).toMatchObject({ status: 202, body: { id: window.id } });
    await window.is('cancelled');
    expect(await window.cancel()).toMatchObject({ status: 409, body: { code: 'reconciliation_closed' } });
    expect(await window.accept({ all: true, reason: 'too late' })).toMatchObject({
      status: 409,
      body: { code: 'no_gaps' },
    });
    await process.tell(to - MINUTE, 'lost', ['erp']);
    // A window that is opened after it is followed through all rounds meanwhile.
    await process.tell(to + MINUTE, 'other', ['shop', 'hub']);
    const other = await process.open(to, to + HOUR);
    await other.is('gaps');
    await process.tell(to + MINUTE, 'other', ['erp']);
    await other.is('healed');
    expect(await window.states()).toEqual(['1 gaps 1']);
    await window.judge();
    await window.is('healed', 2);
  });

  it('takes acceptances one by one, each once', async () => {
    const process = await processOn(stage, 'accepts');
    const to = hourAgo(2);
    for (const key of ['a', 'b']) await process.tell(to - MINUTE, key, ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    await window.is('gaps');
    const a = { key: 'a', stage: 'erp', kind: 'missing' };
    for (const [wrong, code] of [
      [{ discrepancies: [{ ...a, key: 'c' }], reason: 'r' }, 'unknown_discrepancy'],
      [{ discrepancies: [{ ...a, kind: 'duplicate' }], reason: 'r' }, 'unknown_discrepancy'],
      [{ discrepancies: [{ ...a, kind: 'late' }], reason: 'r' }, 'invalid_request'],
      [{ discrepancies: [], reason: 'r' }, 'invalid_request'],
      [{ discrepancies: [a] }, 'invalid_request'],
      [{ discrepancies: [a], all: true, reason: 'r' }, 'invalid_request'],
      [{ reason: 'r' }, 'invalid_request'],
      [{ all: true, reason: '  ' }, 'invalid_request'],
    ] as const)
      expect(await window.accept(wrong)).toMatchObject({ status: 400, body: { code } });
    const url = `${window.url}/acceptances`;
    const asked = { body: { discrepancies: [a], reason: 'a test order' }, idempotencyKey: 'accept-a' };
    const first = await stage.call('POST', url, asked);
    expect(first).toMatchObject({ status: 201, body: { state: 'gaps', revision: 2, open: 1 } });
    expect((await stage.call('POST', url, asked)).body).toEqual(first.body);
    expect(await window.revisions()).toHaveLength(2);
    expect((await window.discrepancies('status=open')).map(({ key }) => key)).toEqual(['b']);
    expect((await window.discrepancies('status=accepted'))[0]).toMatchObject({
      key: 'a',
      accepted: { by: 'admin', reason: 'a test order' },
    });
    expect(await window.accept({ all: true, reason: 'the rest' })).toMatchObject({
      body: { state: 'accepted', revision: 3 },
    });
    expect(await window.accept({ all: true, reason: 'once more' })).toMatchObject({ status: 409 });
  });

  it('tells what is late without being held open by it', async () => {
    const process = await processOn(stage, 'late');
    const to = hourAgo(3);
    await process.tell(to - MINUTE, 'slow', ['shop', 'hub']);
    const body = {
      id: 'late-1',
      source: 'erp',
      process: 'late',
      stage: 'erp',
      key: 'slow',
      type: 'order',
      occurredAt: formatInstant(to + HOUR),
      originAt: formatInstant(to - MINUTE),
      data: { amount: 1 },
    };
    expect((await stage.call('POST', '/v1/events', { body })).status).toBe(200);
    const window = await process.open(to - HOUR, to);
    const { verdict } = await window.is('matched');
    expect(verdict).toMatchObject({ discrepancies: { late: 1 }, open: 0 });
    expect(await window.discrepancies()).toEqual([
      expect.objectContaining({ key: 'slow', kind: 'late', stage: 'erp', status: 'told' }),
    ]);
    for (const status of ['open', 'accepted']) expect(await window.discrepancies(`status=${status}`)).toEqual([]);
  });
});

describe('a window that was closed', () => {
  it('is judged again when events arrive that it was not judged by, and pages anew', async () => {
    const policy = {
      levels: [{ targets: [{ kind: 'pagerduty', routingKey: 'first' }], acknowledgeTimeoutSeconds: 86_400 }],
    };
    expect((await stage.call('PUT', '/v1/escalation-policies/on-call', { body: policy })).status).toBe(200);
    const process = await processOn(stage, 'reopens', { escalationPolicy: 'on-call' });
    const to = hourAgo(2);
    await process.tell(to - MINUTE, 'whole');
    const window = await process.open(to - HOUR, to);
    await window.is('matched', 1);
    await process.tell(to - 2 * MINUTE, 'lost', ['shop', 'hub']);
    await window.is('gaps', 2);
    await until('somebody is paged', () =>
      stage.pagerduty.notifications().some(({ dedupKey }) => dedupKey.startsWith(`${window.id}.2`)),
    );
    await process.tell(to - 2 * MINUTE, 'lost', ['erp']);
    await window.is('healed', 3);
    await process.tell(to - 3 * MINUTE, 'lost-too', ['shop', 'hub']);
    await window.is('gaps', 4);
    await until('an alert is raised anew', async () => (await window.alerts()).length === 2);
    expect(await window.states()).toEqual(['1 matched 0', '2 gaps 1', '3 healed 0', '4 gaps 1']);
    expect(await window.accept({ all: true, reason: 'known' })).toMatchObject({ status: 201 });
  });

  it('holds accepted what was accepted, and is open again when that has become something else', async () => {
    const process = await processOn(stage, 'changes');
    const to = hourAgo(2);
    const sent = (attempt: number, amount: number) => ({
      id: 'erp-1',
      attempt,
      source: 'erp',
      process: 'changes',
      stage: 'erp',
      key: 'order',
      type: 'order',
      occurredAt: formatInstant(to - MINUTE),
      originAt: formatInstant(to - MINUTE),
      data: { amount },
    });
    const tell = async (attempt: number, amount: number): Promise<void> =>
      expect((await stage.call('POST', '/v1/events', { body: sent(attempt, amount) })).status).toBe(200);
    await process.tell(to - MINUTE, 'order', ['shop', 'hub'], 10);
    await tell(1, 10.02);
    const window = await process.open(to - HOUR, to);
    await window.is('gaps', 1);
    const mutated = { key: 'order', stage: 'erp', kind: 'mutated' };
    expect(await window.accept({ discrepancies: [mutated], reason: 'rounding', revision: 1 })).toMatchObject({
      status: 201,
      body: { state: 'accepted', revision: 2 },
    });
    await window.judge();
    await window.is('accepted', 3);
    await tell(2, 9999);
    await window.is('gaps', 4);
    expect(await window.discrepancies('status=accepted')).toEqual([]);
    const [open] = await window.discrepancies('status=open');
    expect(open).toMatchObject({ ...mutated, found: '{"amount":9999}', status: 'open' });
    expect(open).not.toHaveProperty('accepted');
    await tell(3, 10.02);
    await window.is('accepted', 5);
    expect((await window.discrepancies('status=accepted'))[0]).toMatchObject({ accepted: { reason: 'rounding' } });
  });
});

describe('windows beside many others', () => {
  const withGap = async (id: string, to: Micros) => {
    const process = await processOn(stage, id);
    await process.tell(to - MINUTE, 'lost', ['shop', 'hub']);
    const window = await process.open(to - HOUR, to);
    await window.is('gaps');
    return { window, arrives: () => process.tell(to - MINUTE, 'lost', ['erp']) };
  };

  it('heal all the same, old ones too', async () => {
    const to = hourAgo(2);
    // More than a round reads at once, before and after the border between young windows and old ones.
    await stage.sql.command({
      query: `INSERT INTO windows SELECT 'a-crowd', at, at + toIntervalMinute(1), concat('a-crowd_', toString(number)), '', at, true
              FROM (SELECT number, fromUnixTimestamp64Micro(toInt64(${to}) - number * 60000000 * 20, 'UTC') AS at FROM numbers(6000))`,
    });
    const young = await withGap('young', to);
    const old = await withGap('old', to - 60 * 24 * HOUR);
    await young.arrives();
    await old.arrives();
    await young.window.is('healed');
    await old.window.is('healed');
  });

  it('heal when one of them cannot be told', async () => {
    const { workflow } = stage.worker.get(Client, { strict: false });
    const [one, other] = [await withGap('cannot-be-told', hourAgo(2)), await withGap('is-told', hourAgo(2))];
    const real = workflow.signalWithStart.bind(workflow);
    const spy = jest.spyOn(workflow, 'signalWithStart').mockImplementation((...args: Parameters<typeof real>) => {
      if (args[1].workflowId.includes('cannot-be-told')) return Promise.reject(new Error('away'));
      return real(...args);
    });
    await one.arrives();
    await other.arrives();
    await other.window.is('healed');
    expect((await one.window.get()).state).toBe('gaps');
    spy.mockRestore();
    await one.window.is('healed');
  });
});

describe('the list of windows', () => {
  it('has pages, newest first, by process and by state', async () => {
    const process = await processOn(stage, 'list');
    const to = hourAgo(1);
    const opened: string[] = [];
    for (let index = 5; index > 0; index--) {
      const from = to - index * 10 * MINUTE;
      if (index === 2) await process.tell(from, 'lost', ['shop']);
      const window = await process.open(from, from + 10 * MINUTE);
      await window.is(index === 2 ? 'gaps' : 'matched');
      opened.unshift(window.id);
    }
    const { items, pages } = await allOf('/v1/reconciliations?process=list&limit=2');
    expect(pages).toBe(3);
    expect(items.map(({ id }) => id)).toEqual(opened);
    const inState = async (state: string): Promise<unknown[]> =>
      (await allOf(`/v1/reconciliations?process=list&limit=100&state=${state}`)).items.map(({ id }) => id);
    expect(await inState('gaps')).toEqual([opened[1]]);
    expect(await inState('matched')).toEqual(opened.filter((_, index) => index !== 1));
    expect((await stage.call('GET', '/v1/reconciliations?state=wrong')).status).toBe(400);
    // One whose workflow has not run yet, and one that is being judged because somebody asked.
    const step = stage.worker.get(OpenWindowActivities, { strict: false });
    const untold = await step.register({ process: 'list', from: to, to: to + MINUTE, by: '' });
    expect(await inState('opened')).toEqual([untold.id]);
    const openDoor = stage.judge.close();
    await windowOn(stage, opened[1]!).judge();
    await windowOn(stage, opened[1]!).is('judging');
    expect(await inState('judging')).toEqual([opened[1]]);
    openDoor();
    // A cursor of another list is not taken.
    const { next } = (await stage.call('GET', '/v1/processes?limit=1')).body as { next: string };
    expect(await stage.call('GET', `/v1/reconciliations?cursor=${next}`)).toMatchObject({
      body: { code: 'invalid_cursor' },
    });
  });
});

describe('a scheduled process', () => {
  const schedule = () => stage.client.schedule.getHandle(openDueWindows.id(SCHEDULED));
  const exists = (): Promise<boolean> =>
    schedule()
      .describe()
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof ScheduleNotFoundError) return false;
          throw error;
        },
      );

  it('has a Schedule, which opens the windows that have ended, with nobody asking', async () => {
    await until('the Schedule is there', exists, 45);
    const { spec, policies } = await schedule().describe();
    expect(spec.intervals).toMatchObject([{ every: 60_000, offset: 1_000 }]);
    expect(policies.overlap).toBe('SKIP');
    await schedule().trigger();
    const windows = await until('they are open', async () => {
      const { items } = (await stage.call('GET', `/v1/reconciliations?process=${SCHEDULED}`)).body;
      return items.length >= 6 && (items as { id: string; from: string; openedBy: string | null }[]);
    });
    expect(
      windows
        .map(({ from }) => from)
        .reverse()
        .slice(0, 6),
    ).toEqual(Array.from({ length: 6 }, (_, index) => formatInstant(upTo + (index - 1) * MINUTE)));
    expect(windows.every(({ openedBy }) => openedBy === null)).toBe(true);
    for (const { id, from } of windows) if (microsOf(from) >= upTo) await windowOn(stage, id).is('matched');
  });

  it('loses its Schedule when it is not scheduled any more', async () => {
    const { body: definition, headers } = await stage.call('GET', `/v1/processes/${SCHEDULED}`);
    const { id: _id, version: _version, changedBy: _by, changedAt: _at, ...rest } = definition;
    const answer = await stage.call('PUT', `/v1/processes/${SCHEDULED}`, {
      body: { ...rest, window: { seconds: 60, scheduled: false } },
      headers: { 'if-match': headers.get('etag')! },
    });
    expect(answer.status).toBe(200);
    await until('the Schedule is gone', async () => !(await exists()), 45);
  });
});
