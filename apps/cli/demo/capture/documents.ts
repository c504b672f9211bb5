import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import type { Document } from '../../documents';

export const PROCESS = 'order-fulfilment';
/** Where shop and hub have their clocks. */
export const ZONE = 'Europe/Berlin';
/** Each stage tells in a format of its own. */
export const STAGES = ['shop', 'hub', 'warehouse', 'carrier', 'erp'] as const;
export type StageId = (typeof STAGES)[number];

const ROLES: Readonly<Record<StageId, string>> = {
  shop: 'source',
  hub: 'integration',
  warehouse: 'integration',
  carrier: 'integration',
  erp: 'target',
};

/** What every mapping says, but for its paths. */
const event = (stage: StageId, paths: { key: string; at: object; zone?: string; process?: object }) => ({
  id: { template: `{${paths.key}}` },
  source: { value: stage },
  process: paths.process ?? { value: PROCESS },
  stage: { value: stage },
  key: { path: paths.key },
  type: { value: `${stage}.told` },
  occurredAt: paths.at,
  ...(paths.zone !== undefined && { timeZone: { value: paths.zone } }),
});
const amount = (path: string, ...as: string[]) => ({ amount: { path, as: [...as, 'number'] } });

/** Everything that is said about the business before the day begins. */
export const documents = (): Document[] => [
  {
    kind: 'privacy-policy',
    id: 'default',
    body: { ...BUILT_IN_POLICY, description: 'As it is built in.' },
  },
  {
    kind: 'process',
    id: PROCESS,
    body: {
      stages: STAGES.map((id) => ({ id, role: ROLES[id] })),
      fields: [{ name: 'amount' }],
      graceSeconds: 0,
    },
  },
  {
    kind: 'contract',
    id: 'shop.told',
    body: {
      owner: 'shop-team',
      steward: 'orders-steward',
      enforcement: 'quarantine',
      schema: {
        type: 'object',
        properties: { amount: { type: 'number', minimum: 0 }, customer: { type: 'object' } },
        required: ['amount', 'customer'],
      },
      fields: { 'customer.name': { class: 'person_name' } },
    },
  },
  { kind: 'source', id: 'carrier', body: { owner: 'logistics-team', steward: 'logistics-steward' } },
  {
    kind: 'mapping',
    id: 'hub',
    body: {
      format: { kind: 'csv', delimiter: ';' },
      event: event('hub', { key: 'order', zone: ZONE, at: { path: 'at', as: [{ date: 'DD.MM.YYYY HH:mm:ss' }] } }),
      data: amount('total', 'decimal_comma'),
    },
  },
  {
    kind: 'mapping',
    id: 'warehouse',
    body: {
      format: { kind: 'edifact' },
      event: event('warehouse', {
        key: 'BGM.2',
        zone: 'Etc/UTC',
        at: { path: 'DTM[1=137].1.2', as: [{ date: 'YYYYMMDDHHmmss' }] },
      }),
      data: amount('MOA.1.2'),
    },
  },
  {
    kind: 'mapping',
    id: 'carrier',
    body: {
      format: { kind: 'xml', record: 'Shipments/Shipment' },
      event: event('carrier', { key: 'Order', at: { path: '@at' }, process: { path: '@process' } }),
      data: amount('Total'),
    },
  },
  {
    kind: 'mapping',
    id: 'erp',
    body: {
      format: { kind: 'debezium' },
      event: {
        source: { value: 'erp' },
        process: { value: PROCESS },
        stage: { value: 'erp' },
        key: { path: 'row.number' },
        type: { value: 'erp.told' },
      },
      data: amount('row.total'),
    },
  },
];
