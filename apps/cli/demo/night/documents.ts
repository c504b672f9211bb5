import type { Document } from '../../documents';

export const PROCESS = 'orders';
export const SCHEDULE = 'payments';
export const POLICY = 'payments';
export const WINDOW = 'crm-maintenance';
/** Accounts of the channels, as the configuration has them. */
export const CHAT = 'chat';
export const MAIL = 'mail';
/** Members of the chat, and mail addresses, of those who may be paged. */
export const PEOPLE = {
  'on-call-a': { member: 'U0000000A', mail: 'on-call-a@example.org' },
  'on-call-b': { member: 'U0000000B', mail: 'on-call-b@example.org' },
  'lead-on-duty': { member: 'U0000000L', mail: 'lead@example.org' },
} as const;
export type Person = keyof typeof PEOPLE;

/** How long a level waits for an answer: a night has to pass in a minute. */
export const LEVEL_SECONDS = 14;

/** Who is told of what, how and when, before the night begins. */
export const documents = (): Document[] => [
  { kind: 'channel', id: 'chat', body: { type: 'slack', account: CHAT, acknowledgeButton: true } },
  { kind: 'channel', id: 'mail', body: { type: 'email', account: MAIL, from: 'holdfast@example.org' } },
  ...Object.entries(PEOPLE).map(([id, { member, mail }]) => ({
    kind: 'person' as const,
    id,
    body: {
      zone: 'Europe/Berlin',
      contacts: [
        { kind: 'channel', channel: 'chat', to: member },
        { kind: 'channel', channel: 'mail', to: mail },
      ],
    },
  })),
  {
    kind: 'on-call-schedule',
    id: SCHEDULE,
    body: {
      zone: 'Europe/Berlin',
      owner: 'payments',
      layers: [
        {
          name: 'week',
          rotation: { kind: 'weekly', weekday: 'monday' },
          handover: '09:00',
          start: '2026-01-05',
          participants: ['on-call-a'],
        },
      ],
    },
  },
  {
    kind: 'escalation-policy',
    id: POLICY,
    body: {
      levels: [
        { targets: [{ kind: 'schedule', schedule: SCHEDULE }], acknowledgeTimeoutSeconds: LEVEL_SECONDS },
        { targets: [{ kind: 'person', person: 'lead-on-duty' }], acknowledgeTimeoutSeconds: 600 },
      ],
      repeats: 1,
    },
  },
  {
    kind: 'flapping-rule',
    id: 'feeds',
    body: {
      matchers: [{ label: 'alertname', op: '=', value: 'FeedStalled' }],
      raises: 3,
      withinSeconds: 600,
      calmSeconds: 1_800,
    },
  },
  {
    kind: 'process',
    id: PROCESS,
    body: {
      stages: [
        { id: 'shop', role: 'source' },
        { id: 'hub', role: 'integration' },
        { id: 'erp', role: 'target' },
      ],
      fields: [{ name: 'amount' }, { name: 'currency' }],
      graceSeconds: 0,
      escalationPolicy: POLICY,
      owner: 'payments',
      runbook: 'https://runbooks.example.org/orders',
      value: { amount: 'amount', currency: 'currency' },
    },
  },
];

/** Mutes what the CRM causes, for so many seconds. */
export const maintenance = (seconds: number): Document => ({
  kind: 'suppression-window',
  id: WINDOW,
  body: {
    reason: 'the CRM is being upgraded',
    owner: 'crm',
    matchers: [{ label: 'system', op: '=', value: 'crm' }],
    when: {
      kind: 'one-off',
      from: new Date(Date.now() - 1_000).toISOString(),
      to: new Date(Date.now() + seconds * 1_000).toISOString(),
    },
  },
});
