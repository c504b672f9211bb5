import type { DecisionState, DecisionStep, Survey } from '@holdfast/domains/resolution/core/decision';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf, type WorkflowOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { survey, record, applyPage, expirePage } = activitiesOf(contract.decideDiscrepancies);

interface Answer {
  readonly step: 'approved' | 'refused';
  readonly by: string;
  readonly remark: string;
}

export const decideDiscrepancies: WorkflowOf<typeof contract.decideDiscrepancies> = async ({ decision, goesOn }) => {
  let plan = goesOn?.plan;
  let answered: Answer | undefined;
  let state: DecisionState = goesOn ? 'applying' : 'counting';
  wf.setHandler<DecisionState, [Answer['step'], string, string], typeof contract.answer>(
    contract.answer,
    async (step, by, remark) => {
      await wf.condition(() => plan !== undefined);
      mayAnswer(by);
      answered = { step, by, remark };
      state = step === 'approved' ? 'applying' : 'refused';
      await tell(step, NOTHING, by, remark);
      return state;
    },
    { validator: (_, by) => plan && mayAnswer(by) },
  );

  plan ??= await survey(decision);
  if (!goesOn) {
    const { windows, discrepancies, by, approveWithinSeconds } = plan;
    const approveBy = approveWithinSeconds === null ? 0 : Date.now() * 1000 + approveWithinSeconds * 1_000_000;
    if (approveBy > 0) state = 'proposed';
    await tell('proposed', { windows, discrepancies }, by, '', approveBy);
    if (approveBy === 0) state = 'applying';
    else if (!(await isApproved(approveBy))) return state;
  }
  const applied = goesOn?.phase === 'expire' ? goesOn.sum : await apply(plan);
  if (plan.expiresAt === null) return 'applied';
  if (goesOn?.phase !== 'expire') {
    await wf.sleep(Math.max(1, plan.expiresAt / 1000 - Date.now()));
  }
  await expire(plan, applied);
  return 'expired';

  async function isApproved(approveBy: Micros): Promise<boolean> {
    await wf.condition(() => answered !== undefined, Math.max(1, approveBy / 1000 - Date.now()));
    if (answered === undefined) {
      state = 'lapsed';
      await tell('lapsed', NOTHING);
    }
    await wf.condition(wf.allHandlersFinished);
    return answered?.step === 'approved';
  }

  async function apply(of: contract.DecisionPlan): Promise<Survey> {
    let sum = goesOn?.sum ?? NOTHING;
    for (let after: string | null = goesOn?.after ?? ''; ;) {
      const page: contract.AppliedPage = await applyPage(decision, after, Date.now() * 1000);
      sum = add(sum, page.sum);
      after = page.next;
      if (after === null) break;
      if (wf.workflowInfo().continueAsNewSuggested) await startOver({ plan: of, phase: 'apply', after, sum });
    }
    state = 'applied';
    await tell('applied', sum);
    return sum;
  }

  async function expire(of: contract.DecisionPlan, sum: Survey): Promise<void> {
    for (let after: string | null = goesOn?.phase === 'expire' ? goesOn.after : ''; ;) {
      after = await expirePage(decision, after);
      if (after === null) break;
      if (wf.workflowInfo().continueAsNewSuggested) await startOver({ plan: of, phase: 'expire', after, sum });
    }
    await tell('expired', sum);
  }

  async function startOver(next: NonNullable<contract.DecisionToMake['goesOn']>): Promise<void> {
    await wf.condition(wf.allHandlersFinished);
    await wf.continueAsNew<typeof decideDiscrepancies>({ decision, goesOn: next });
  }

  function tell(step: DecisionStep, sum: Survey, by = '', remark = '', deadline: Micros = 0): Promise<void> {
    return record(decision, { step, at: Date.now() * 1000, by, remark, sum, deadline });
  }

  function mayAnswer(by: string): void {
    if (state !== 'proposed' && state !== 'counting')
      throw refusal('decision_closed', 'the decision waits for nobody any more');
    if (plan!.approveWithinSeconds === null) throw refusal('decision_closed', 'the decision waits for nobody');
    if (by === plan!.by) throw refusal('own_proposal', 'somebody else has to approve or refuse it');
  }
};

const NOTHING: Survey = { windows: 0, discrepancies: 0 };
const add = (a: Survey, b: Survey): Survey => ({
  windows: a.windows + b.windows,
  discrepancies: a.discrepancies + b.discrepancies,
});
const refusal = (code: string, text: string): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable(text, code, 'conflict');
