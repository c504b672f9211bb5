import { AlertRaiser } from '@holdfast/domains/alerting/alert-raiser.service';
import type { AlertToEscalate } from '@holdfast/domains/alerting/core/alert';
import { EscalationPolicyService } from '@holdfast/domains/alerting/escalation-policy.service';
import { PersonService } from '@holdfast/domains/oncall/person.service';
import { PersonSchema } from '@holdfast/domains/oncall/person.schemas';
import { ScheduleSchema } from '@holdfast/domains/oncall/schedule.schemas';
import { ScheduleService } from '@holdfast/domains/oncall/schedule.service';
import {
  acknowledge,
  respond,
  type Response,
  workflowIdOf,
} from '@holdfast/workflows/alerting/escalate-alert/contract';
import {
  type EscalationStage,
  KEYS,
  level,
  next,
  policy,
  raise,
  startEscalationStage,
  until,
} from './escalation-stage';

jest.setTimeout(120_000);

let stage: EscalationStage;
let people: PersonService;
let schedules: ScheduleService;

const now = (): number => Date.now() * 1000;
const clock = async (): Promise<number> => (await stage.env.currentTimeMs()) * 1000;

beforeAll(async () => {
  stage = await startEscalationStage();
  people = stage.api.app.get(PersonService, { strict: false });
  schedules = stage.api.app.get(ScheduleService, { strict: false });
  for (const [id, routingKey] of [
    ['first-person', 'first'],
    ['second-person', 'second'],
  ] as const)
    await people.put(
      id,
      PersonSchema.parse({ zone: 'UTC', contacts: [{ kind: 'pagerduty', routingKey }] }),
      'unstated',
      'admin',
      now(),
    );
  await people.put('silent-person', PersonSchema.parse({ zone: 'UTC' }), 'unstated', 'admin', now());
});
afterEach(() => stage.pagerduty.clearFaults());
afterAll(() => stage.stop());

type Raised = Awaited<ReturnType<typeof raise>>;
const does = ({ handle }: Raised, response: Response) => handle.executeUpdate(respond, { args: [response] });
const ack = async (alert: Raised): Promise<void> => {
  await alert.handle.signal(acknowledge, { by: 'on-call-a', via: 'api', at: await clock() });
  await until('it is acknowledged', async () => (await stage.alerting.alert(alert.id)).state === 'acknowledged');
};
const stateOf = async ({ id }: Raised) => (await stage.alerting.alert(id)).state;
const end = async (alert: Raised): Promise<void> => {
  await alert.heal();
  expect(await alert.handle.result()).toEqual({ state: 'resolved' });
};

describe('a snooze', () => {
  it('keeps everybody quiet until its end, then pages again from level 1 on', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    expect(await does(alert, { do: 'snooze', by: 'on-call-a', until: (await clock()) + 3_600_000_000 })).toBe(
      'snoozed',
    );
    await stage.env.sleep('59m');
    expect(alert.notified()).toEqual(['L1/R0']);
    expect(await stateOf(alert)).toBe('snoozed');
    await stage.env.sleep('2m');
    await alert.paged('L1/R1');
    expect(await stateOf(alert)).toBe('open');
    await stage.env.sleep('301s');
    await alert.paged('L2/R1');
    await end(alert);
  });

  it('that meets a resolve, an acknowledgement or a time that is past gives way', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await alert.paged('L1/R0');
    await expect(does(alert, { do: 'snooze', by: 'a', until: (await clock()) - 1 })).rejects.toMatchObject({
      cause: { type: 'snooze_is_over' },
    });
    await does(alert, { do: 'snooze', by: 'a', until: (await clock()) + 600_000_000 });
    await ack(alert);
    await stage.env.sleep('1h');
    expect(alert.notified()).toEqual(['L1/R0']);
    await does(alert, { do: 'snooze', by: 'a', until: (await clock()) + 600_000_000 });
    await end(alert);
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved']);
    expect((await alert.kinds()).filter((kind) => kind === 'snoozed')).toHaveLength(2);
  });
});

describe('an acknowledgement', () => {
  it('is taken back, and the ladder begins again; there is nothing to take back before', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    await expect(does(alert, { do: 'take_back', by: 'a' })).rejects.toMatchObject({
      cause: { type: 'alert_not_answered' },
    });
    await ack(alert);
    expect(await does(alert, { do: 'take_back', by: 'on-call-a' })).toBe('open');
    await alert.paged('L1/R1');
    await stage.env.sleep('301s');
    await alert.paged('L2/R1');
    await ack(alert);
    await stage.env.sleep('1h');
    expect(alert.notified()).toEqual(['L1/R0', 'L1/R1', 'L2/R1']);
    await end(alert);
  });

  it('expires when the policy says so', async () => {
    const alert = await raise(stage, {
      levels: [level(300, 'first')],
      repeats: 0,
      acknowledgementExpiresSeconds: 1_800,
    });
    await alert.paged('L1/R0');
    await ack(alert);
    await stage.env.sleep('29m');
    expect(alert.notified()).toEqual(['L1/R0']);
    await stage.env.sleep('2m');
    await alert.paged('L1/R1');
    const { transitions } = await stage.alerting.alert(alert.id);
    expect(transitions.find(({ kind }) => kind === 'reopened')).toMatchObject({ reason: 'acknowledgement_expired' });
    await end(alert);
  });

  it('of an alert that is exhausted counts, and what is given up is not tried further', async () => {
    const alert = await raise(stage, { levels: [level(60, 'first')], repeats: 0 });
    await alert.happened('exhausted').catch(() => undefined);
    await stage.env.sleep('61s');
    await alert.happened('exhausted');
    await ack(alert);
    await end(alert);
    expect(alert.notified()).toEqual(['L1/R0']);
  });
});

describe('responders', () => {
  it('are named beside the ladder, which goes on', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    await alert.paged('L1/R0');
    await does(alert, { do: 'add_responders', by: 'a', targets: [{ kind: 'pagerduty', routingKey: 'third' }] });
    await alert.paged('L0/R0');
    expect(alert.incidents().find(({ dedupKey }) => dedupKey.endsWith('L0/R0'))?.routingKey).toBe(KEYS.third);
    await stage.env.sleep('301s');
    await alert.paged('L2/R0');
    await end(alert);
    await stage.pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved', 'resolved']);
  });

  it('are given an acknowledged alert: it pages them, and when they do not answer the ladder', async () => {
    const alert = await raise(stage, { levels: [level(300, 'first')], repeats: 0 });
    await alert.paged('L1/R0');
    await ack(alert);
    const targets = [{ kind: 'person' as const, person: 'second-person' }];
    expect(await does(alert, { do: 'reassign', by: 'on-call-a', targets })).toBe('open');
    await alert.paged('L0/R1');
    await stage.env.sleep('301s');
    await alert.paged('L1/R1');
    await end(alert);
  });

  it('follow a later version of the policy only when somebody says so; the level that runs ends as it began', async () => {
    const id = await policy(stage, { levels: [level(300, 'first'), level(300, 'second')], repeats: 0 });
    const alert = await raise(stage, { levels: [], repeats: 0 }, { policy: id });
    await alert.paged('L1/R0');
    await stage.api.app
      .get(EscalationPolicyService, { strict: false })
      .put(id, { levels: [level(60, 'first'), level(300, 'third')], repeats: 0 }, 'any', 'admin', now());
    await does(alert, { do: 'follow_policy', by: 'a', policy: id });
    await stage.env.sleep('100s');
    expect(alert.notified()).toEqual(['L1/R0']);
    await stage.env.sleep('201s');
    await alert.paged('L2/R0');
    expect(alert.incidents().at(-1)?.routingKey).toBe(KEYS.third);
    expect((await stage.alerting.alert(alert.id)).policy).toEqual({ id, version: 2 });
    await end(alert);
  });
});

describe('who is behind a target', () => {
  it('is whoever has the schedule, also when the shift changes; nobody is paged twice for one step', async () => {
    const schedule = `hourly-${next()}`;
    await schedules.put(
      schedule,
      ScheduleSchema.parse({
        zone: 'UTC',
        owner: 'ops',
        layers: [
          {
            name: 'hours',
            rotation: { kind: 'custom', hours: 1 },
            handover: '00:00',
            start: '2026-01-01',
            participants: ['first-person', 'second-person'],
          },
        ],
      }),
      'unstated',
      'admin',
      now(),
    );
    const target = { kind: 'schedule' as const, schedule };
    const alert = await raise(stage, {
      levels: [{ targets: [target], acknowledgeTimeoutSeconds: 7_200 }],
      repeats: 0,
    });
    await alert.paged('L1/R0');
    await stage.env.sleep('61m');
    await alert.paged('L1/R0/T2');
    await alert.happened('handed_over');
    const { transitions } = await stage.alerting.alert(alert.id);
    const paged = transitions.filter(({ kind }) => kind === 'paged').map(({ person }) => person);
    expect(new Set(paged)).toEqual(new Set(['first-person', 'second-person']));
    await end(alert);
    await stage.pagerduty.idle();
    expect(alert.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved']);
  });

  it('may be nobody: the level falls through at once, and says so', async () => {
    const alert = await raise(stage, {
      levels: [
        { targets: [{ kind: 'person', person: 'silent-person' }], acknowledgeTimeoutSeconds: 86_400 },
        level(300, 'second'),
      ],
      repeats: 0,
    });
    await alert.paged('L2/R0');
    const { transitions } = await stage.alerting.alert(alert.id);
    expect(transitions[1]).toMatchObject({ kind: 'nobody', level: 1, code: 'no_contact', reason: 'silent-person' });
    await end(alert);
  });

  it('that does not exist is refused with the field that names it', async () => {
    const policies = stage.api.app.get(EscalationPolicyService, { strict: false });
    const levels = [
      {
        targets: [
          { kind: 'person' as const, person: 'no-such' },
          { kind: 'schedule' as const, schedule: 'no-such' },
        ],
        acknowledgeTimeoutSeconds: 60,
      },
    ];
    await expect(policies.put(`p-${next()}`, { levels, repeats: 0 }, 'unstated', 'a', now())).rejects.toMatchObject({
      code: 'unusable_target',
      details: { fields: [{ field: 'levels.0.targets.0.person' }, { field: 'levels.0.targets.1.schedule' }] },
    });
  });
});

describe('quiet', () => {
  it('hours keep what is not grave until they are over; a higher severity ends the wait', async () => {
    const at = new Date(await stage.env.currentTimeMs());
    const time = (minutes: number): string => new Date(at.getTime() + minutes * 60_000).toISOString().slice(11, 16);
    const quietHours = { severities: ['warning' as const], zone: 'UTC', from: time(-60), to: time(60) };
    const definition = { levels: [level(300, 'first')], repeats: 0, quietHours };
    const [grave, waits, raised] = await Promise.all([
      raise(stage, definition),
      raise(stage, definition, { severity: 'warning' }),
      raise(stage, definition, { severity: 'warning' }),
    ]);
    await grave.paged('L1/R0');
    await waits.happened('held');
    await raised.happened('held');
    await does(raised, { do: 'change_severity', by: 'a', severity: 'critical' });
    await raised.paged('L1/R0');
    expect(await stage.alerting.alert(raised.id)).toMatchObject({ severity: 'critical' });
    expect(waits.notified()).toEqual([]);
    const { transitions } = await stage.alerting.alert(waits.id);
    expect(transitions[1]).toMatchObject({ kind: 'held', reason: 'quiet_hours' });
    await stage.env.sleep('62m');
    await waits.paged('L1/R0');
    expect(await waits.kinds()).toContain('released');
    for (const one of [grave, waits, raised]) await one.heal(); // before time may skip
    for (const one of [grave, waits, raised]) await one.handle.result();
  });

  it('is what heals before the delay of its level is over', async () => {
    const alert = await raise(stage, { levels: [{ ...level(300, 'first'), delaySeconds: 600 }], repeats: 0 });
    await until('it waits', async () => (await stage.alerting.alert(alert.id)).live?.phase === 'delayed');
    await stage.env.sleep('500s');
    await end(alert);
    expect(alert.notified()).toEqual([]);
  });
});

describe('a group', () => {
  const member = (policyId: string, fingerprint: string, labels: Record<string, string>): AlertToEscalate => ({
    alertId: `${fingerprint}.1`,
    fingerprint,
    process: 'order-to-cash',
    subject: { kind: 'rule', id: fingerprint },
    severity: 'warning',
    policy: policyId,
    labels,
    facts: { open: 1, revision: 1 },
  });

  it('tells of a storm as one: one page, one acknowledgement, over when all of it is; what joins later is news', async () => {
    const raiser = stage.api.app.get(AlertRaiser, { strict: false });
    const id = await policy(stage, {
      levels: [level(300, 'first')],
      repeats: 0,
      group: { by: ['site'], waitSeconds: 30, intervalSeconds: 600 },
    });
    const storm = Array.from({ length: 200 }, (_, i) => member(id, `storm-${id}-${i}`, { site: 'north' }));
    const other = member(id, `storm-${id}-south`, { site: 'south' });
    await raiser.raise([...storm, other].map((alert) => ({ alert })));
    await raiser.raise(storm.slice(0, 3).map((alert) => ({ alert }))); // once more: the same alerts
    const groups = (await stage.alerting.alerts({}, 1_000)).items.filter(
      ({ policy: of, subject }) => of.id === id && subject.kind === 'group',
    );
    const north = await until('the group is there', async () => {
      const { items } = await stage.alerting.alerts({}, 1_000);
      return items.find(
        ({ policy: of, subject, labels }) => of.id === id && subject.kind === 'group' && labels['site'] === 'north',
      );
    });
    expect(groups.length).toBeLessThanOrEqual(2);
    const notified = () =>
      stage.pagerduty.notifications().filter(({ dedupKey }) => dedupKey.startsWith(`${north.id}/`));
    await stage.env.sleep('31s');
    await until('it has paged', () => notified().length === 1);
    expect(stage.pagerduty.incidents().find(({ dedupKey }) => dedupKey === `${north.id}/L1/R0`)).toMatchObject({
      title: 'Holdfast: 200 alerts with site north',
    });
    await stage.alerting.acknowledge(storm[7]!.alertId, 'on-call-a', await clock()); // any of them stands for all
    expect(await stage.alerting.alert(storm[9]!.alertId)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'on-call-a',
    });
    expect((await stage.alerting.alert(other.alertId)).state).toBe('open');

    await raiser.raise([{ alert: member(id, `storm-${id}-late`, { site: 'north' }) }], (await clock()) + 1);
    await stage.env.sleep('601s');
    await until('the news has paged', () => notified().length === 2);

    for (const { alertId } of storm.slice(1))
      await raiser.end(alertId, { by: '', reason: 'healed', at: await clock() });
    await raiser.end(`storm-${id}-late.1`, { by: '', reason: 'healed', at: await clock() });
    expect((await stage.alerting.alert(north.id)).state).not.toBe('resolved');
    expect(await stage.alerting.resolve(storm[0]!.alertId, 'on-call-a', await clock())).toMatchObject({
      state: 'resolved',
    });
    await until('the group is over', async () => (await stage.alerting.alert(north.id)).state === 'resolved');
    await stage.env.client.workflow.getHandle(workflowIdOf(north.id)).result();
    await stage.pagerduty.idle();
    const incidents = stage.pagerduty.incidents().filter(({ dedupKey }) => dedupKey.startsWith(`${north.id}/`));
    expect(incidents.map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    await raiser.end(other.alertId, { by: '', reason: 'healed', at: await clock() });
  });
});

// The last one: it takes the store away for good.
it('an escalation goes on while ClickHouse is away: whom each level stands for was known before', async () => {
  const alert = await raise(stage, {
    levels: [
      level(300, 'first'),
      { targets: [{ kind: 'person', person: 'second-person' }], acknowledgeTimeoutSeconds: 60 },
    ],
    repeats: 0,
  });
  await alert.paged('L1/R0');
  await stage.engine.stop();
  await stage.env.sleep('301s');
  await until('level 2 is paged', () => alert.notified().includes('L2/R0'));
  expect(alert.notified()).toEqual(['L1/R0', 'L2/R0']);
});
