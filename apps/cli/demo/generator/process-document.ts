import { PROCESS_ID } from './record';

/** What `PUT /v1/processes/{id}` takes. Declared here once more: the generator shares nothing with what it tests. */
export interface ProcessDocument {
  readonly description: string;
  readonly stages: readonly { readonly id: string; readonly role: 'source' | 'integration' | 'target' }[];
  readonly fields: readonly {
    readonly name: string;
    readonly tolerance?:
      | { readonly kind: 'absolute'; readonly by: number }
      | { readonly kind: 'time'; readonly seconds: number }
      | { readonly kind: 'case' };
  }[];
  readonly cardinality: '1:1';
  readonly graceSeconds: number;
  readonly window: { readonly seconds: number; readonly scheduled: boolean };
}

export const ORDER_TO_CASH: { readonly id: string; readonly document: ProcessDocument } = {
  id: PROCESS_ID,
  document: {
    description: 'An order from the shop through the message hub to the invoice in the ERP.',
    stages: [
      { id: 'shop', role: 'source' },
      { id: 'hub', role: 'integration' },
      { id: 'erp', role: 'target' },
    ],
    fields: [
      { name: 'amount', tolerance: { kind: 'absolute', by: 0.01 } },
      { name: 'currency', tolerance: { kind: 'case' } },
      { name: 'bookedAt', tolerance: { kind: 'time', seconds: 5 } },
      { name: 'quantity' },
    ],
    cardinality: '1:1',
    graceSeconds: 900,
    window: { seconds: 86_400, scheduled: false },
  },
};
