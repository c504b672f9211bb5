import { valueAt } from './agreed';

type Data = Readonly<Record<string, unknown>>;

/** What an event says of one of the keys that it is about. */
export interface KeyShare {
  readonly key: string;
  /** Its data, with the elements of that key alone where the list has more than keys. */
  readonly values: Data;
}

export type KeyListFault = 'missing' | 'not_a_list' | 'not_keys' | 'too_many';

/** Of one event. */
const MOST_KEYS = 10_000;
/** What the shares of one event may come to, in characters of what they have in common: data that is not in the list is kept with every key. */
const MOST_REPEATED = 16_000_000;
const LONGEST_KEY = 300;

/**
 * Takes an event apart by the keys that it names. A key that is named twice has one share with both elements.
 * @param path `orders`, a list of keys, or `lines[].order`, where each element of a list names one
 * @param size how long the data is as text, in characters
 */
export function sharesOf(data: Data, path: string, size: number): KeyShare[] | KeyListFault {
  const at = path.indexOf('[]');
  const listPath = at < 0 ? path : path.slice(0, at);
  const within = at < 0 ? '' : path.slice(at + 3);
  const list = valueAt(data, listPath);
  if (list === undefined || list === null) return 'missing';
  if (!Array.isArray(list)) return 'not_a_list';
  const byKey = new Map<string, unknown[]>();
  for (const element of list as readonly unknown[]) {
    const key = keyOf(element, within);
    if (key === undefined) return 'not_keys';
    const known = byKey.get(key);
    if (known) known.push(element);
    else byKey.set(key, [element]);
  }
  if (byKey.size === 0) return 'missing';
  const rest = Math.max(0, size - JSON.stringify(list).length);
  if (byKey.size > MOST_KEYS || byKey.size * rest > MOST_REPEATED) return 'too_many';
  return Array.from(byKey, ([key, elements]) => ({ key, values: withValueAt(data, listPath.split('.'), elements) }));
}

function keyOf(element: unknown, within: string): string | undefined {
  const value =
    within === ''
      ? element
      : typeof element === 'object' && element !== null
        ? valueAt(element as Data, within)
        : undefined;
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_KEY ? text : undefined;
}

function withValueAt(data: Data, [first, ...rest]: readonly string[], value: unknown): Data {
  const name = first!;
  return { ...data, [name]: rest.length === 0 ? value : withValueAt(data[name] as Data, rest, value) };
}
