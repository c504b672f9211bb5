import { type Change, identityOf, readMessage } from './debezium-envelope';
import { type EventMaker, eventMaker, type Find, type Lookup, type Sha256 } from './event-mapper';
import { isList, isObject, type JsonObject, type JsonValue, orderedText, scalarText } from './json-value';
import type { DebeziumFormat, MappingDefinition } from './mapping';
import { type Mapped, rejected, wasRefused } from './mapped';

/** Makes events of Debezium's messages, one by one. */
export class DebeziumMapper {
  private readonly make: EventMaker<Change>;

  constructor(
    private readonly definition: MappingDefinition,
    private readonly format: DebeziumFormat,
    private readonly sha256: Sha256,
  ) {
    this.make = eventMaker(definition, changeLookup, sha256);
  }

  /** @param text of one message */
  map(text: string): Mapped {
    const change = readMessage(text, this.format);
    if (wasRefused(change) || 'skipped' in change) return change;
    const identity = identityOf(change);
    const { event, data } = this.definition;
    if (identity === undefined && event.id === undefined)
      return rejected('position_unknown', 'source', 'does not say where the change stands in its log; map `id`');
    if (!data && 'changes' in change.row)
      return rejected('conversion_failed', 'data.changes', 'is the name of a column; map the columns under `data`');
    const changes = changesOf(change);
    const ofDatabase = timeOf(change.source);
    const time = ofDatabase ?? timeOf(change.envelope);
    const made = this.make(change, {
      ...(identity !== undefined && { id: this.sha256(identity).slice(0, 32) }),
      ...typeOf(change),
      ...(time !== undefined && { occurredAt: time }),
      data: { ...(!data && change.row), ...(changes && { changes }) },
    });
    const isObserved = event.occurredAt === undefined && (change.op === 'snapshot' || ofDatabase === undefined);
    return wasRefused(made) || !isObserved ? made : { ...made, observed: true };
  }
}

const typeOf = ({ table, op }: Change): { type?: string } => (table === '' ? {} : { type: `${table}.${op}` });

/** A time of a source or an envelope, as exact as it is told; 0 stands for none. */
function timeOf(of: JsonObject): JsonValue | undefined {
  const time = of['ts_ns'] ?? of['ts_us'] ?? of['ts_ms'] ?? undefined;
  return Number(scalarText(time)) > 0 ? time : undefined;
}

/**
 * What a change did, field by field. A side that has no such field is left out.
 * @returns undefined where nothing is known of the row before
 */
export function changesOf({ op, before, after, update }: Change): JsonObject[] | undefined {
  if (op === 'snapshot') return [];
  if (op === 'updated' && !before) {
    if (!update) return undefined;
    return [
      ...Object.entries(update.set).map(([path, value]): JsonObject => ({ path, after: value })),
      ...update.removed.map((path): JsonObject => ({ path })),
    ];
  }
  const found: JsonObject[] = [];
  compare(op === 'created' ? undefined : before, after, [], found);
  return found;
}

function compare(
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  path: string[],
  into: JsonObject[],
): void {
  for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const [was, is] = [before?.[name], after?.[name]];
    const place = [...path, name];
    if (isObject(was) && isObject(is)) compare(was, is, place, into);
    else if (was === undefined || is === undefined || orderedText(was) !== orderedText(is))
      into.push({
        path: place.join('.'),
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
      });
  }
}

/** `row` and `table` are Holdfast's own; everything else is the envelope's, or the message's `key`. */
export const changeLookup: Lookup<Change> = (path): Find<Change> | undefined => {
  const [first = '', ...rest] = path.split('.');
  if (path.length > 200 || [first, ...rest].includes('')) return undefined;
  return (change) => {
    let value = rootOf(change, first);
    for (const step of rest) {
      if (isObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
      else value = isList(value) && /^\d{1,6}$/.test(step) ? value[Number(step)] : undefined;
    }
    return value ?? undefined;
  };
};

function rootOf({ row, before, after, key, table, envelope }: Change, name: string): JsonValue | undefined {
  switch (name) {
    case 'row':
      return row;
    case 'before':
      return before;
    case 'after':
      return after;
    case 'key':
      return key;
    case 'table':
      return table;
    default:
      return Object.hasOwn(envelope, name) ? envelope[name] : undefined;
  }
}
