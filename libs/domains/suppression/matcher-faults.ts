import type { FieldProblem } from '@holdfast/kernel';
import { faultOfPattern } from '@holdfast/platform/patterns';
import { anchored, type Matcher } from './core/matcher';

/** The patterns among matchers that may not be run on texts of others. @param field that the matchers stand in */
export async function matcherFaults(matchers: readonly Matcher[], field: string): Promise<FieldProblem[]> {
  const wrong: FieldProblem[] = [];
  for (const [index, { op, value }] of matchers.entries()) {
    if (op === '=' || op === '!=') continue;
    const reason = await faultOfPattern(anchored(value));
    if (reason !== undefined) wrong.push({ field: `${field}.${index}.value`, reason });
  }
  return wrong;
}
