import {
  type CallFault,
  dueAt,
  type Look,
  nextLookMs,
  outcomeOf,
  type ProbePlan,
} from '@holdfast/domains/synthetics/core/probe';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { begin, send, look, record, settle } = activitiesOf(contract.probePath);

/** Between tries to send. */
const AGAIN_MS = 2_000;

export const probePath: WorkflowOf<typeof contract.probePath> = async (synthetic) => {
  const at = wf.workflowInfo().startTime.getTime() * 1000;
  const plan = await begin(synthetic, at);
  if (plan === null) return null;
  const sent = await Promise.all(
    plan.send.map(async (stage) => ({ stage, fault: await sendInTime(synthetic, plan, at, stage) })),
  );
  // What was not taken in cannot have been passed on.
  const isTaken = sent.every(({ fault }) => fault === '');
  const last = isTaken ? await lookInTime(synthetic, plan, at) : NOTHING;
  await record(synthetic, plan.version, at, outcomeOf(plan, at, sent, last));
  await settle(synthetic, at);
  return at;
};

const NOTHING: Look = { fault: '', seen: [] };

/** A moment without intake is no broken path: it is tried until the probe had to be readable. */
async function sendInTime(synthetic: string, plan: ProbePlan, at: Micros, stage: string): Promise<CallFault> {
  const until = at + plan.readableWithinSeconds * 1_000_000;
  for (;;) {
    const fault = await send(synthetic, plan.version, at, stage);
    if (fault === '' || fault === 'no_key' || now() >= until) return fault;
    await wf.sleep(Math.max(1, Math.min(AGAIN_MS, Math.ceil((until - now()) / 1000))));
  }
}

/** Looks until every stage has seen the probe, or had to. */
async function lookInTime(synthetic: string, plan: ProbePlan, at: Micros): Promise<Look> {
  for (;;) {
    const lookedAt = now();
    const found = await look(synthetic, plan.version, at);
    const due = dueAt(plan, at, found);
    if (due === undefined || lookedAt >= due) return found;
    await wf.sleep(nextLookMs(at, now(), due));
  }
}

const now = (): Micros => Date.now() * 1000;
