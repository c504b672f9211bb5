import { compare } from '../../apps/cli/demo/compare';
import { addAccounts, addsUp, NO_ACCOUNT } from '../../apps/cli/account';
import { baseOf, playDocuments, type DocumentsPlayed } from './documents';
import { LADDER, playEscalation, type AlertPlayed, type EscalationPlayed } from './escalation';
import { EmulatedChannels } from './emulated-channels';
import { expectPaging } from './expect-paging';
import { playIngest, type IngestPlayed } from './ingest';
import { Saboteur, scheduleOf } from './kill-schedule';
import { holdBack, playPaging, preparePaging, type PagingPlayed } from './paging';
import { openStage, type Stage } from './stage';
import { SCENARIOS, Summary, type Scenario } from './summary';
import { STAGES } from './tracked-orders';
import { dayOf, playWindow, type WindowPlayed } from './windows';

/**
 * Kills processes of a running stack with kill -9 at moments that a seed decides, while clients use it, and counts afterwards.
 * HOLDFAST_FAULT_ROUNDS=50 plays more rounds, HOLDFAST_FAULT_SEED repeats a run.
 */
const ROUNDS = wholeNumber('HOLDFAST_FAULT_ROUNDS') ?? 5;
const SEED = wholeNumber('HOLDFAST_FAULT_SEED') ?? Math.floor(Math.random() * 2 ** 31);
const STEP_MS = 600_000;

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${name} must be a whole number`);
  return Number(text);
}

interface Played {
  readonly ingest: IngestPlayed;
  readonly window: WindowPlayed;
  readonly escalation: EscalationPlayed;
  readonly paging: PagingPlayed;
  readonly documents: DocumentsPlayed;
}

const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);
const summary = new Summary(SEED, ROUNDS);
let stage: Stage;
let channels: EmulatedChannels;
let undisturbed: WindowPlayed;
let hasFailed = false;
const day = dayOf(SEED);

beforeAll(async () => {
  channels = await EmulatedChannels.start();
  stage = await openStage(channels.env);
  await preparePaging(stage, channels);
  undisturbed = await playWindow(stage, day, 'undisturbed', { isAtWork: false, over: Promise.resolve() });
}, STEP_MS);

afterAll(async () => {
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  await stage.close(hasFailed);
  await channels.stop();
}, STEP_MS);

test('the undisturbed window finds what was planted, so that the disturbed ones are held against the truth', () => {
  const { revisions, found } = undisturbed;
  const healed = revisions.at(-1)!;
  for (const { revision } of revisions.slice(0, -1))
    expect(compare(found.get(revision)!, day.planted)).toMatchObject({ isEqual: true });
  expect(compare(found.get(healed.revision)!, day.plantedAfterHealing)).toMatchObject({ isEqual: true });
});

describe.each(rounds)(`round %i of seed ${SEED}`, (round) => {
  let saboteur: Saboteur;
  const played = {} as { [K in Scenario]: Promise<Played[K]> };

  beforeAll(async () => {
    await stage.stack.ready(180_000);
    const schedule = scheduleOf(SEED, round);
    const held = await holdBack(stage, round, schedule);
    saboteur = new Saboteur(stage.stack, schedule);
    const play = <K extends Scenario>(name: K, run: () => Promise<Played[K]>): void => {
      const beganAt = performance.now();
      const running = run();
      played[name] = running as (typeof played)[K];
      const settled = (): void => summary.played(name, performance.now() - beganAt, saboteur.kills);
      running.then(settled, settled);
    };
    play('ingest', () => playIngest(stage, SEED, round, saboteur));
    play('window', () => playWindow(stage, day, String(round), saboteur));
    play('escalation', () => playEscalation(stage, round, saboteur));
    play('paging', () => playPaging(stage, channels, round, held, saboteur));
    play('documents', () => playDocuments(stage, round, saboteur));
    await Promise.allSettled(SCENARIOS.map((name) => played[name]));
    await saboteur.over;
  }, STEP_MS);

  /** Looks at what a scenario came to; where it is not as it must be, says how to have it once more. */
  async function examine<K extends Scenario>(name: K, look: (of: Played[K]) => void): Promise<void> {
    try {
      look(await played[name]);
    } catch (error) {
      hasFailed = true;
      process.stderr.write(
        `${name} failed in round ${round}; HOLDFAST_FAULT_SEED=${SEED} HOLDFAST_FAULT_ROUNDS=${round} plays it again\n` +
          `  to be killed, ms after the round's beginning: ${JSON.stringify(saboteur.schedule)}\n` +
          `  was killed: ${JSON.stringify(saboteur.kills)}\n`,
      );
      throw error;
    }
  }

  test('kills each process', () => {
    expect(new Set(saboteur.kills.map(({ name }) => name))).toEqual(
      new Set(['api', 'worker', 'temporal', 'clickhouse', 'audit-log']),
    );
    expect(saboteur.kills).toHaveLength(saboteur.schedule.length);
  });

  test('ingest: loses no acknowledged event, stores none twice, and all its counts agree', () =>
    examine('ingest', (ingest) => {
      const acknowledged = ingest.posted.flatMap((one) => [...one.acknowledged]);
      summary.add('ingest', {
        acknowledgedEvents: acknowledged.length,
        retries: ingest.retries,
        repeatedRecords: ingest.accounts.reduce((sum, { told }) => sum + told.received, 0) - received(ingest),
      });
      expect(ingest.posted.flatMap(({ wrongAnswers }) => wrongAnswers)).toEqual([]);
      // Every record was acknowledged in the end: what is stored is exactly that, each once.
      expect(acknowledged.filter((record) => !ingest.stored.has(record))).toEqual([]);
      expect([...ingest.stored].filter(([, copies]) => copies !== 1)).toEqual([]);
      expect(ingest.stored.size).toBe(acknowledged.length);
      for (const { told, rows } of ingest.accounts) {
        expect(told).toMatchObject(rows);
        expect(addsUp(told)).toBe(true);
      }
      expect(ingest.accounts.reduce((sum, { told }) => sum + told.stored, 0)).toBe(acknowledged.length);
      // What was answered is in the account; beyond it only repeats are, whose answers got lost.
      for (const { source, told } of ingest.accounts) {
        const { answered } = ingest.posted.find((one) => one.source === source)!;
        for (const part of ['received', 'conflict', 'rejected'] as const)
          expect(told[part]).toBeGreaterThanOrEqual(answered[part]);
      }
    }));

  test('ingest: digests by minute are those of the rows and of the orders sent', () =>
    examine('ingest', ({ digests, recounted, miscounted, posted, verdict }) => {
      expect(digests.length).toBeGreaterThan(0);
      expect(digests).toEqual(recounted);
      expect(miscounted).toEqual([]);
      const sent = new Map<string, number>();
      for (const { byMinute } of posted)
        for (const [minute, events] of byMinute) sent.set(minute, (sent.get(minute) ?? 0) + events);
      const counted = digests.map(({ minute, stage: at, events }) => `${minute} ${at} ${events}`);
      const expected = [...sent].flatMap(([minute, events]) => STAGES.map((at) => `${minute} ${at} ${events}`));
      expect(counted.sort()).toEqual(expected.sort());
      // Every stage saw the same orders: its digests are the same too.
      for (const minute of sent.keys())
        expect(new Set(digests.filter((one) => one.minute === minute).map(({ sums }) => sums)).size).toBe(1);
      expect(verdict).toMatchObject({ state: 'matched', depth: 'digest', revision: 1 });
    }));

  test('window: every verdict is the undisturbed one, and no revision is missing, doubled or overwritten', () =>
    examine('window', ({ revisions, firstSeen, found, overwritten, retries }) => {
      summary.add('window', { verdicts: revisions.length, retries });
      expect(revisions.map(({ revision }) => revision)).toEqual(revisions.map((_, index) => index + 1));
      expect(overwritten).toEqual([]);
      for (const [revision, then] of firstSeen) expect(revisions[revision - 1]).toEqual(then);
      expect(revisions.map(({ state }) => state)).toEqual([...revisions.slice(1).map(() => 'gaps'), 'healed']);
      for (const { revision, state } of revisions)
        expect(found.get(revision)).toEqual(undisturbed.found.get(state === 'gaps' ? 1 : undisturbed.revisions.length));
      const [first, truth] = [revisions[0]!, undisturbed.revisions[0]!];
      expect([first.events, first.discrepancies, first.open]).toEqual([truth.events, truth.discrepancies, truth.open]);
    }));

  test('escalation: calls one person per level and repeat, skips no level, and stops when somebody acknowledges', () =>
    examine('escalation', ({ answered, unanswered, via, droppedWebhooks, retries }) => {
      const notifications = answered.notifications.length + unanswered.notifications.length;
      summary.add('escalation', { alerts: 2, notifications, droppedWebhooks, retries });

      expectWholeStory(unanswered);
      expect(calledOf(unanswered)).toEqual(LADDER);
      expect(kindsOf(unanswered).slice(-3)).toEqual(['exhausted', 'acknowledged', 'resolved']);
      expect(unanswered.alert.resolvedReason).toBe('manual');

      expectWholeStory(answered);
      // As far as the ladder was climbed when the acknowledgement came; not a step further.
      expect(calledOf(answered)).toEqual(LADDER.slice(0, answered.calledBefore));
      expect(answered.calledBefore).toBeGreaterThanOrEqual(2);
      expect(answered.alert).toMatchObject({ state: 'resolved', resolvedReason: 'healed' });
      expect(answered.alert.acknowledgedVia).toBe(droppedWebhooks > 0 ? 'api' : via);
    }));

  test('paging: tells once where the vendor knows a repeat, elsewhere says what may be one, and leaves nothing open', () =>
    examine('paging', (played) => {
      const crashes = saboteur.kills.filter(({ name }) => name === 'worker' || name === 'temporal').length;
      const { climbed, answered, held, group, members, retries } = played;
      const messages = [climbed, answered, held].flatMap((one) => one.messages);
      summary.add('paging', {
        alerts: 3 + members.length,
        messages: messages.length,
        markedMessages: messages.filter(({ isMarked }) => isMarked).length,
        webhooks: [climbed, answered, group].reduce((sum, one) => sum + one.webhooks.raised.length, 0),
        notifications: climbed.notifications.length + group.notifications.length,
        retries,
      });
      expectPaging(played, crashes);
    }));

  test('documents: versions have no holes, and no acknowledged update is lost', () =>
    examine('documents', ({ acknowledged, history, overwritten, retries }) => {
      summary.add('documents', { acknowledgedUpdates: acknowledged.length, versions: history.length, retries });
      expect(history.map(({ version }) => version)).toEqual(history.map((_, index) => index + 1));
      expect(overwritten).toEqual([]);
      expect(new Set(history.map(({ text }) => text)).size).toBe(history.length);
      for (const { version, text } of history) expect([version, baseOf(text)]).toEqual([version, version - 1]);
      for (const { version, text } of acknowledged)
        expect([version, history[version - 1]?.text]).toEqual([version, text]);
      for (const { version, text, answered } of acknowledged) expect(answered).toEqual({ version, text });
      expect(acknowledged.length).toBeGreaterThan(0);
    }));
});

const received = ({ posted }: IngestPlayed): number =>
  posted.map(({ answered }) => answered).reduce(addAccounts, NO_ACCOUNT).received;

const kindsOf = ({ alert }: AlertPlayed): string[] => alert.transitions.map(({ kind }) => kind);
/** Steps of the ladder at which people were called, in the order of the ladder. */
const calledOf = ({ alert, notifications }: AlertPlayed): string[] =>
  notifications
    .map(({ dedupKey }) => dedupKey.slice(alert.id.length + 1))
    .sort((a, b) => LADDER.indexOf(a) - LADDER.indexOf(b));

/** An alert's transitions without holes and in order, and PagerDuty's side of it. */
function expectWholeStory({ alert, incidents, notifications, overwritten }: AlertPlayed): void {
  const { transitions } = alert;
  const steps = (...kinds: string[]): string[] =>
    transitions.filter(({ kind }) => kinds.includes(kind)).map(({ level, repeat }) => `L${level}/R${repeat}`);
  const placeOf = (kind: string, step: string): number =>
    transitions.findIndex((one) => one.kind === kind && `L${one.level}/R${one.repeat}` === step);

  expect(transitions.map(({ seq }) => seq)).toEqual(transitions.map((_, index) => index));
  expect(overwritten).toEqual([]);
  for (const kind of ['raised', 'acknowledged', 'resolved'])
    expect([kind, transitions.filter((one) => one.kind === kind)]).toEqual([kind, [expect.anything()]]);
  expect([transitions[0]!.kind, transitions.at(-1)!.kind]).toEqual(['raised', 'resolved']);

  // What nobody answered was waited for step by step; every page that was sent called one person, once.
  const waited = steps('timed_out', 'unreachable');
  expect(waited).toEqual(LADDER.slice(0, waited.length));
  const paged = steps('paged');
  expect([...paged].sort()).toEqual(notifications.map(({ dedupKey }) => dedupKey.slice(alert.id.length + 1)).sort());
  expect(new Set(paged).size).toBe(paged.length);
  for (const step of steps('timed_out')) expect(placeOf('paged', step)).toBeLessThan(placeOf('timed_out', step));
  expect(incidents.map(({ status }) => status)).toEqual(incidents.map(() => 'resolved'));
  expect(incidents).toHaveLength(notifications.length);
}
