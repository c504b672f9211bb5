import { fingerprintOf } from '@holdfast/domains/reconciliation/core/digests';
import { reconciliationId, type Window } from '@holdfast/domains/reconciliation/core/window';
import { EvidenceStore } from '@holdfast/domains/reconciliation/evidence.store';
import { FollowUpStore } from '@holdfast/domains/reconciliation/follow-up.store';
import { ReconciliationStore } from '@holdfast/domains/reconciliation/reconciliation.store';
import { formatInstant } from '@holdfast/kernel';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/testing';
import { at, IntakeStack } from '../intake/stack';

const START = at('2026-11-10T08:00:00Z');
const MINUTE = 60_000_000;
const PROCESS = 'orders';
const stages = ['shop', 'hub'];

let engine: EmbeddedClickHouse;
let stack: IntakeStack;
let store: FollowUpStore;
let reconciliation: ReconciliationStore;

beforeAll(async () => {
  engine = await startEmbeddedClickHouse();
  stack = await IntakeStack.start(engine);
  store = new FollowUpStore(stack.clickhouse);
  reconciliation = new ReconciliationStore(stack.clickhouse);
  await stack.putProcess(PROCESS, {
    stages: stages.map((id) => ({ id, role: 'source' as const })),
    fields: [{ name: 'amount' }],
  });
});
afterAll(async () => {
  await stack?.stop();
  await engine?.stop();
});

/** From minute to minute after the start. */
const windowAt = (from: number, to: number): Window => ({
  process: PROCESS,
  from: START + from * MINUTE,
  to: START + to * MINUTE,
});
let events = 0;
const event = (stage: string, minute: number) => ({
  id: `e-${(events += 1)}`,
  source: stage,
  process: PROCESS,
  stage,
  key: `key-${minute}`,
  type: 'order',
  occurredAt: formatInstant(START + minute * MINUTE),
  originAt: formatInstant(START + minute * MINUTE),
  data: { amount: minute },
});

describe('fingerprints of a run of windows', () => {
  // The first and the last minute of each; one has no events, and between some of them is time that no window takes.
  const run = [windowAt(0, 10), windowAt(10, 11), windowAt(20, 30), windowAt(30, 40), windowAt(50, 60)] as const;

  it('are those that each of them would be judged by', async () => {
    const evidence = new EvidenceStore(stack.clickhouse);
    for (const minutes of [
      [0, 9, 10, 15, 20, 29, 40, 50, 59, 60],
      [1, 21, 50],
    ]) {
      const { body } = await stack.post(minutes.flatMap((minute) => stages.map((stage) => event(stage, minute))));
      expect(body).toMatchObject({ stored: 2 * minutes.length });
      const each = await Promise.all(run.map(async (window) => fingerprintOf(await evidence.digests(window))));
      expect(await store.fingerprints(run)).toEqual(each);
      expect(each[3]).toBe('');
      expect(new Set(each).size).toBe(run.length);
    }
  });
});

describe('windows that ended', () => {
  it('come page by page, each once, within the span that is asked for', async () => {
    const opened = [0, 1, 2, 3, 4].flatMap((index) =>
      ['a', 'b'].map((process) => ({ ...windowAt(10 * index, 10 * index + 10), process })),
    );
    for (const window of [...opened, opened[0]!])
      await reconciliation.addWindow(window, reconciliationId(window), '', START, true);
    const span = { since: START + 20 * MINUTE, before: START + 50 * MINUTE };
    const found: string[] = [];
    for (let after: Window = { process: '', from: 0, to: 0 }; ;) {
      const page = await store.ended(span, after, 2);
      found.push(...page.map(({ process, from }) => `${process} ${(from - START) / MINUTE}`));
      if (page.length < 2) break;
      after = page.at(-1)!;
    }
    expect(found).toEqual(['a 10', 'a 20', 'a 30', 'b 10', 'b 20', 'b 30']);
  });
});

describe('the standing of a window', () => {
  it('is that of its newest revision, and says whether it was cancelled and when its grace ended', async () => {
    const verdict = {
      judgement: 'j',
      depth: 'key',
      processVersion: 1,
      stageCounts: {},
      kinds: {},
      open: 0,
      accepted: 0,
    } as const;
    for (const [revision, state] of [
      [1, 'gaps'],
      [10, 'healed'],
      [9, 'gaps'],
    ] as const)
      await reconciliation.addVerdict('w', {
        ...verdict,
        revision,
        state,
        fingerprint: `f${revision}`,
        judgedAt: START + revision,
      });
    const told = { seq: 1, at: START, state: 'gaps', revision: 1, by: '', alertId: '', deadline: START + 5 } as const;
    await reconciliation.addTransition('w', 'run', told);
    const newest = { reconciliation: 'w', revision: 10, state: 'healed', fingerprint: 'f10', judgedAt: START + 10 };
    expect(await store.standings(['w', 'not-judged'])).toEqual([{ ...newest, cancelled: false, deadline: START + 5 }]);
    await reconciliation.addTransition('w', 'run', { ...told, seq: 2, at: START + 20, state: 'cancelled' });
    expect(await store.standings(['w'])).toMatchObject([{ cancelled: true }]);
  });
});
