import type { Alert, AlertTransition } from '../../views';
import type { Moment } from '../timeline';

/** What happened to the alerts of the night, as the people would have seen it: who was told, by what, and what kept them asleep. */
export function nightOf(alerts: ReadonlyMap<string, Alert>): Moment[] {
  return [...alerts]
    .flatMap(([name, { transitions }]) =>
      transitions.flatMap((one) => {
        const [who, what] = told(one);
        return what === undefined ? [] : [{ at: one.at, who, what: `${name}: ${what}` }];
      }),
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function told(one: AlertTransition): readonly [who: string, what?: string] {
  const person = one.person ?? '';
  const way = one.channel ?? one.routingKey ?? '';
  switch (one.kind) {
    case 'raised':
      return ['', 'begins'];
    case 'paged':
      return [person, `paged by ${way}, level ${one.level ?? 0}`];
    case 'fell_back':
      return [person, `${way} does not take the page (${one.code ?? ''}): the next way is tried`];
    case 'held':
      return ['', `nobody is woken: ${(one.reason ?? '').replace('_', ' ')} ${one.by ?? ''}`];
    case 'released':
      return ['', 'nothing keeps it quiet any more'];
    case 'timed_out':
      return ['', `nobody answers at level ${one.level ?? 0}`];
    case 'handed_over':
      return ['', 'the shift changes'];
    case 'acknowledged':
      return [one.by ?? '', `takes care of it (${one.via ?? ''})`];
    case 'resolved':
      return ['', `over: ${one.reason ?? ''}`];
    default:
      return [''];
  }
}
