import type { Document } from '../../documents';

export const PROCESS = 'order-to-invoice';
export const GATE = 'daily-close';
/** The connector by which the warehouse is asked to tell of deliveries again. */
export const WAREHOUSE = 'warehouse';

/** What the mainframe's file is read by: semicolons, minor units, dates without separators. */
const MAPPING = {
  kind: 'mapping',
  id: 'mainframe',
  body: {
    format: { kind: 'csv', delimiter: ';' },
    event: {
      id: { template: 'MF-{ORDERNO}' },
      source: { value: 'mainframe' },
      process: { value: PROCESS },
      stage: { value: 'mainframe' },
      key: { path: 'ORDERNO' },
      type: { value: 'order.booked' },
      occurredAt: { path: 'BOOKED', as: [{ date: 'YYYYMMDDHHmmss' }] },
      timeZone: { value: 'Etc/UTC' },
    },
    data: { cents: { path: 'CENTS', as: ['number'] }, currency: { path: 'CUR' } },
  },
} as const;

/** Everything that is said about the business before the day begins. */
export const documents = (): Document[] => [
  {
    kind: 'process',
    id: PROCESS,
    body: {
      stages: [
        { id: 'shop', role: 'source', system: 'Webshop' },
        { id: 'hub', role: 'integration', system: 'Message hub' },
        { id: 'warehouse', role: 'target', system: 'Warehouse' },
        { id: 'mainframe', role: 'target', system: 'Mainframe' },
      ],
      hops: [
        { from: ['shop'], to: ['hub'], cardinality: '1:1' },
        { from: ['hub'], to: ['warehouse'], cardinality: '1:n' },
        { from: ['hub'], to: ['mainframe'], cardinality: '1:1' },
      ],
      fields: [
        {
          name: 'amount',
          compare: 'sum',
          at: { warehouse: { path: 'worth' }, mainframe: { path: 'cents', minorUnits: 2 } },
          rank: 'critical',
        },
        { name: 'currency', normalise: ['trim', 'lower-case'] },
      ],
      graceSeconds: 0,
      window: { calendar: { unit: 'day', zone: 'UTC' } },
      fourEyes: { approveWithinSeconds: 3_600 },
    },
  },
  MAPPING,
  rule('test-orders', 10, {
    description: 'The shop places orders to see whether it works; nobody delivers them.',
    match: { processes: [PROCESS], keyPattern: '^TEST-' },
    action: { kind: 'accept', reason: 'an order that was placed to try the shop out' },
  }),
  rule('late-mainframe', 20, {
    description: 'The file of the mainframe comes hours after everything else.',
    match: { processes: [PROCESS], stages: ['mainframe'], kinds: ['missing'] },
    action: { kind: 'wait', seconds: 40 * 3_600, untilStage: 'mainframe' },
  }),
  rule('mainframe-rounds', 30, {
    description: 'The mainframe reckons with whole cents.',
    match: {
      processes: [PROCESS],
      stages: ['mainframe'],
      kinds: ['mutated'],
      fields: ['amount'],
      amount: { field: 'amount', atMost: 0.01 },
    },
    action: { kind: 'accept', reason: 'within the cent that the mainframe rounds by' },
  }),
  rule('lost-deliveries', 40, {
    description: 'The warehouse can tell of its deliveries again.',
    match: { processes: [PROCESS], stages: ['warehouse'] },
    action: { kind: 'replay', connector: WAREHOUSE, settleSeconds: 1 },
  }),
  {
    kind: 'reporting-gate',
    id: GATE,
    body: { processes: [PROCESS], period: 'day', zone: 'UTC', description: 'The day may be reported.' },
  },
];

function rule(id: string, priority: number, body: object): Document {
  return { kind: 'resolution-rule', id, body: { priority, ...body } };
}
