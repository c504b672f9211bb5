import type { Micros } from '@holdfast/kernel';
import type { Order, Values } from './order';

export const STAGES = ['shop', 'hub', 'erp'] as const;
export type Stage = (typeof STAGES)[number];

/** One record that a system sends: an attempt of one of its events. */
export interface Step {
  readonly stage: Stage;
  /** Which event of this stage and key: the first, its duplicate, or one of a test. */
  readonly event: 'first' | 'second' | 'test';
  readonly attempt: number;
  readonly status: 'ok' | 'failed' | 'cancelled';
  readonly occurredAt: Micros;
  readonly values: Values;
}

/** When each stage does its part if all goes well. */
export function timesOf({ originAt, delays }: Order): Readonly<Record<Stage, Micros>> {
  const shop = originAt + delays[0];
  const hub = shop + delays[1];
  return { shop, hub, erp: hub + delays[2] };
}

/** What each stage says of an order: the same, or a little different within the tolerances. */
export function valuesOf({ values, hubBookedOff, erpBookedOff, erpCentsOff }: Order): Readonly<Record<Stage, Values>> {
  if (hubBookedOff === 0 && erpBookedOff === 0 && erpCentsOff === 0) return { shop: values, hub: values, erp: values };
  const hub = { ...values, bookedAt: values.bookedAt + hubBookedOff };
  return {
    shop: values,
    hub,
    erp: { ...hub, bookedAt: hub.bookedAt + erpBookedOff, cents: hub.cents + erpCentsOff },
  };
}

/** The steps of an order that reaches every stage, each after as many failed attempts as told. */
export function soundSteps(order: Order, retries: Readonly<Record<Stage, number>>): Step[] {
  const values = valuesOf(order);
  const steps: Step[] = [];
  let at = order.originAt;
  for (const [index, stage] of STAGES.entries()) {
    at += order.delays[index]!;
    for (let attempt = 1; attempt <= retries[stage]; attempt++, at += order.backoff)
      steps.push({ stage, event: 'first', attempt, status: 'failed', occurredAt: at, values: values[stage] });
    steps.push({
      stage,
      event: 'first',
      attempt: retries[stage] + 1,
      status: 'ok',
      occurredAt: at,
      values: values[stage],
    });
  }
  return steps;
}
