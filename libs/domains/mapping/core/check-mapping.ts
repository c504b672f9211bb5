import type { FieldProblem } from '@holdfast/kernel';
import { type Conversion, partsOf } from './conversions';
import { changeLookup } from './debezium';
import { ediLookup } from './edi-path';
import { pathsOf } from './event-mapper';
import { EVENT_FIELDS, type EventField, type Format, type MappingDefinition, type Term } from './mapping';
import { xmlSteps } from './xml-path';

/** Fields that every event has, and no format knows by itself. */
const REQUIRED: readonly EventField[] = ['id', 'source', 'process', 'stage', 'key', 'type', 'occurredAt'];
/** Those that Debezium's messages tell where the mapping does not. */
const TOLD_BY_DEBEZIUM: readonly EventField[] = ['id', 'type', 'occurredAt'];
/** Longest texts of constants, as the events have them. */
const LONGEST: Readonly<Partial<Record<EventField, number>>> = { process: 63, stage: 63, key: 300, timeZone: 64 };
const STATUSES: readonly unknown[] = ['ok', 'failed', 'cancelled'];

/** What is wrong with a mapping whose form is right. Whether bodies have what its paths name shows when they come. */
export function mappingProblems({ format, event, data }: MappingDefinition): FieldProblem[] {
  const isPath = pathCheck(format);
  const told = format.kind === 'debezium' ? TOLD_BY_DEBEZIUM : [];
  const missing = REQUIRED.filter((field) => event[field] === undefined && !told.includes(field));
  const targets = Object.keys(data ?? {});
  return [
    ...formatProblems(format),
    ...missing.map((field) => ({ field: `event.${field}`, reason: 'is needed' })),
    ...EVENT_FIELDS.flatMap((field) => {
      const term = event[field];
      return term === undefined
        ? []
        : [...termProblems(`event.${field}`, term, isPath, field === 'id'), ...constantProblems(field, term)];
    }),
    ...Object.entries(data ?? {}).flatMap(([to, term]) => termProblems(`data.${to}`, term, isPath, false)),
    ...targetProblems(targets, format.kind === 'debezium'),
  ];
}

/** @returns why a path is none */
function pathCheck(format: Format): (path: string) => string | undefined {
  switch (format.kind) {
    case 'csv': {
      const { columns } = format;
      return (path) => (columns && !columns.includes(path) ? 'names no column' : undefined);
    }
    case 'xml':
      return (path) =>
        xmlSteps(path, format.namespaces) ? undefined : 'must be a path such as Line[2]/Sku, Buyer/@id or .';
    case 'x12':
    case 'edifact':
      return (path) => (ediLookup(path) ? undefined : 'must be a path such as BEG.3, N1[1=ST].2 or NAD[1=BY].2.1');
    case 'debezium':
      return (path) => (changeLookup(path) ? undefined : 'must be a path such as row.id');
  }
}

function formatProblems(format: Format): FieldProblem[] {
  if (format.kind === 'csv') {
    const { delimiter, quote, columns = [] } = format;
    return [
      ...(delimiter === quote ? [{ field: 'format.quote', reason: 'is the delimiter' }] : []),
      ...(new Set(columns).size < columns.length ? [{ field: 'format.columns', reason: 'must differ' }] : []),
    ];
  }
  if (format.kind === 'xml') {
    const steps = xmlSteps(format.record, format.namespaces);
    const names =
      steps && !steps.fromRoot && !steps.attribute && steps.steps.length > 0 && !format.record.includes('[');
    return names ? [] : [{ field: 'format.record', reason: 'must be a path of elements such as Orders/Order' }];
  }
  if ((format.kind === 'x12' || format.kind === 'edifact') && format.summarySegment !== undefined)
    return format.recordSegment === undefined
      ? [{ field: 'format.summarySegment', reason: 'says nothing without recordSegment' }]
      : [];
  return [];
}

function termProblems(
  field: string,
  term: Term,
  isPath: (path: string) => string | undefined,
  mayHash: boolean,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (place: string, reason: string): void => void problems.push({ field: `${field}.${place}`, reason });
  const form = 'path' in term ? 'path' : 'hash' in term ? 'hash' : 'template';
  const paths = pathsOf(term);
  paths.forEach((path, index) => {
    const wrong = isPath(path);
    if (wrong !== undefined) add(form === 'hash' ? `hash.${index}` : form, wrong);
  });
  if ('template' in term && (paths.length === 0 || /[{}]/.test(term.template.replaceAll(/\{[^{}]+\}/g, ''))))
    add('template', 'must name paths in braces, as {a}-{b}');
  if ('hash' in term && !mayHash) add('hash', 'is for the id alone');
  if ('path' in term || 'template' in term)
    (term.as ?? []).forEach((conversion: Conversion, index) => {
      if (typeof conversion === 'object' && !partsOf(conversion.date)?.some((part) => /[YH]/.test(part)))
        add(`as.${index}.date`, 'must be made of YYYY, YY, MM, DD, HH, mm, ss, SSS, SSSSSS and - / . : T or spaces');
    });
  return problems;
}

/** Constants that no event could have. */
function constantProblems(field: EventField, term: Term): FieldProblem[] {
  const constants: (readonly [string, string | number | boolean])[] = [];
  if ('value' in term) constants.push(['value', term.value]);
  if ('path' in term) {
    if (term.default !== undefined) constants.push(['default', term.default]);
    for (const [from, to] of Object.entries(term.choose ?? {})) constants.push([`choose.${from}`, to]);
  }
  return constants.flatMap(([place, value]) => {
    const reason = constantProblem(field, value);
    return reason === undefined ? [] : [{ field: `event.${field}.${place}`, reason }];
  });
}

function constantProblem(field: EventField, value: string | number | boolean): string | undefined {
  const text = String(value);
  if (field === 'status') return STATUSES.includes(value) ? undefined : `must be one of ${STATUSES.join(', ')}`;
  if (field === 'test' || field === 'manual' || field === 'synthetic')
    return /^(?:true|false)$/.test(text) ? undefined : 'must be true or false';
  if (field === 'sequence' || field === 'attempt')
    return /^\d{1,15}$/.test(text) ? undefined : 'must be a whole number';
  const longest = LONGEST[field] ?? 200;
  return text.length >= 1 && text.length <= longest ? undefined : `must have 1 to ${longest} characters`;
}

function targetProblems(targets: readonly string[], isDebezium: boolean): FieldProblem[] {
  const all = new Set(targets);
  return targets.flatMap((target) => {
    const steps = target.split('.');
    const above = steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('.'));
    const taken = above.find((one) => all.has(one));
    if (taken !== undefined) return [{ field: `data.${target}`, reason: 'stands within another target' }];
    if (isDebezium && steps[0] === 'changes')
      return [{ field: `data.${target}`, reason: 'is where the changes of a row are kept' }];
    return [];
  });
}
