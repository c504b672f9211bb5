import type { Rejection } from '../core/event';
import { exactText } from '../core/exact-json';
import { type KeyListFault, sharesOf } from '../core/key-list';
import type { ReadRecord } from './read-record';

type Values = ReadRecord['values'];

/**
 * Takes a record apart by the keys that it names. A part is an event of its own, `id#key`: a resend finds it, a further attempt replaces it.
 * @param values as the newest version of its contract has them; the data is kept as it was sent
 * @param keys where they stand: a path in the data
 * @returns what is wrong where they cannot be read
 */
export function partsByKey(record: ReadRecord, values: Values, keys: string): ReadRecord[] | Rejection {
  const shares = sharesOf(values, keys, record.data.length);
  if (typeof shares === 'string') return { ...FAULTS[shares], field: `data.${keys}` };
  const { event } = record;
  const asSent = values === record.values ? undefined : sharesAsSent(record, keys);
  return shares.map(({ key, values: share }): ReadRecord => {
    const said = asSent ? asSent.get(key) : share;
    return {
      ...record,
      event: { ...event, key, id: `${event.id}#${key}` },
      data: said ? Buffer.from(exactText(said)) : record.data,
      values: share,
    };
  });
}

/** By key; nothing where an older version has its keys elsewhere. */
function sharesAsSent({ values, data }: ReadRecord, keys: string): ReadonlyMap<string, Values> {
  const shares = sharesOf(values, keys, data.length);
  return new Map(typeof shares === 'string' ? [] : shares.map((share) => [share.key, share.values]));
}

const FAULTS: Readonly<Record<KeyListFault, Omit<Rejection, 'field'>>> = {
  missing: { code: 'missing_field', reason: 'names no key, and the stage has its keys there' },
  not_a_list: { code: 'wrong_type', reason: 'must be a list' },
  not_keys: { code: 'invalid_value', reason: 'must name keys: texts of 1 to 300 characters, or whole numbers' },
  too_many: { code: 'too_long', reason: 'names more keys than an event of this size may be about' },
};
