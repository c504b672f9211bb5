import type { AnySaga, Step, StepCall, StepOutcome } from '@holdfast/platform/workflow-kit';
import { ApplicationFailure } from '@temporalio/common';

/** What befalls a step. `before`: it fails once, and has done nothing. `behind`: it has done its work, and nobody hears of it once, as when its process is killed (-9). `for_good`: it fails until it is mended. */
export type StepFault = 'before' | 'behind' | 'for_good';

type Methods = Record<string, Step<unknown>>;

/** Faults for the steps of a saga, planted where its activities are: each execution of one is told. */
export class SagaFaults {
  private planted: { readonly step: string; readonly fault: StepFault } | undefined;
  /** Calls of each step, by its name: their keys. */
  readonly keys = new Map<string, string[]>();

  /** @param activities the class that does the steps; before a worker is made of it */
  constructor(saga: AnySaga, activities: { readonly prototype: object }) {
    const methods = activities.prototype as Methods;
    for (const name of Object.keys(saga.activities).filter((one) => one !== 'record')) {
      const work = methods[name]!;
      const told = (call: StepCall<unknown>): void => {
        this.keys.set(name, [...(this.keys.get(name) ?? []), call.key]);
      };
      const faultOf = (): StepFault | undefined => (this.planted?.step === name ? this.planted.fault : undefined);
      const mended = (): void => {
        this.planted = undefined;
      };
      methods[name] = async function (this: unknown, call: StepCall<unknown>): Promise<StepOutcome> {
        told(call);
        const fault = faultOf();
        if (fault === 'for_good') throw ApplicationFailure.nonRetryable('planted', 'planted');
        if (fault !== undefined) mended();
        if (fault === 'before') throw new Error('planted');
        const outcome = await work.call(this, call);
        if (fault === 'behind') throw new Error('planted');
        return outcome;
      };
    }
  }

  plant(step: string, fault: StepFault): void {
    this.planted = { step, fault };
    this.keys.clear();
  }

  mend(): void {
    this.planted = undefined;
  }
}

/** The steps that an activity does, with what their place says: whether they are at or behind the first that nothing can undo. */
export function workOf({ steps }: AnySaga): readonly { readonly step: string; readonly isBeyondReturn: boolean }[] {
  const names = Object.keys(steps);
  const forwardFrom = names.findIndex((name) => {
    const step = steps[name]!;
    return step.does === 'work' && step.undo === 'forward_only';
  });
  return names.flatMap((step, index) =>
    steps[step]!.does === 'work' ? [{ step, isBeyondReturn: forwardFrom >= 0 && index >= forwardFrom }] : [],
  );
}
