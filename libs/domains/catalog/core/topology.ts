import { comparedStages, type Hop, type ProcessDefinition } from './process';

type Shaped = Pick<ProcessDefinition, 'stages' | 'hops' | 'cardinality'>;

/** The hops of a process: those that it says, or each compared stage to the next one. */
export function hopsOf(process: Shaped): readonly Hop[] {
  if (process.hops) return process.hops;
  const stages = comparedStages(process);
  return stages.slice(1).map((stage, index) => ({
    from: [stages[index]!],
    to: [stage],
    cardinality: process.cardinality,
  }));
}

/** `shop->hub`; `web+store->hub` where it comes from either. */
export const hopName = ({ from, to }: Pick<Hop, 'from' | 'to'>): string => `${from.join('+')}->${to.join('+')}`;

/** Whether counts and digests of two sides can be compared as they are. */
export const isPlain = (process: Shaped): boolean => hopsOf(process).every(({ cardinality }) => cardinality === '1:1');

/** Where a hop lies, seen from the integration layer: what is lost on it was lost there. */
export type HopPlace = 'before_integration' | 'within_integration' | 'after_integration' | 'direct';

export function placeOf(
  { from, to }: Pick<Hop, 'from' | 'to'>,
  { stages }: Pick<ProcessDefinition, 'stages'>,
): HopPlace {
  const isIntegration = (id: string): boolean => stages.find((stage) => stage.id === id)?.role === 'integration';
  const [leaves, enters] = [from.every(isIntegration), to.every(isIntegration)];
  if (leaves && enters) return 'within_integration';
  if (enters) return 'before_integration';
  return leaves ? 'after_integration' : 'direct';
}

/** What is wrong with hops; undefined for nothing. */
export function topologyFault(process: Shaped): string | undefined {
  if (!process.hops) return undefined;
  const stages = comparedStages(process);
  const named = process.hops.flatMap(({ from, to }) => [...from, ...to]);
  const unknown = named.find((id) => !stages.includes(id));
  if (unknown !== undefined) return `${unknown} is no stage of the process that is compared`;
  const lone = stages.find((id) => !named.includes(id));
  if (lone !== undefined) return `no hop has ${lone}: what is lost there would not be seen`;
  const names = process.hops.map(hopName);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return `${twice} is there twice`;
  const self = process.hops.find(({ from, to }) => from.some((id) => to.includes(id)));
  if (self) return `${hopName(self)} leads a stage to itself`;
  return isAcyclic(process.hops) ? undefined : 'hops lead back to where they came from';
}

/** Takes away stages that nothing leads to, until none is left. Source: Kahn, "Topological sorting of large networks" (1962). */
function isAcyclic(hops: readonly Hop[]): boolean {
  let left = hops.flatMap(({ from, to }) => from.flatMap((one) => to.map((other) => [one, other] as const)));
  for (;;) {
    const entered = new Set(left.map(([, to]) => to));
    const next = left.filter(([from]) => entered.has(from));
    if (next.length === left.length) return left.length === 0;
    left = next;
  }
}
