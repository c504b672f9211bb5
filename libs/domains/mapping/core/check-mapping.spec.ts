import { MappingSchema } from '../mapping.schemas';
import { PLACE, type MappingInput } from '../../../../test/property/mapping/read-all';
import { mappingProblems } from './check-mapping';

const event = {
  ...PLACE,
  id: { path: 'a' },
  key: { path: 'a' },
  type: { value: 't' },
  occurredAt: { path: 'a' },
} as const;
const CSV: MappingInput = { format: { kind: 'csv' }, event };
const EDI: MappingInput = {
  format: { kind: 'x12' },
  event: { ...event, id: { path: 'BEG.3' }, key: { path: 'BEG.3' }, occurredAt: { path: 'GS.4' } },
};
const fieldsOf = (input: MappingInput): string[] =>
  mappingProblems(MappingSchema.parse(input)).map(({ field }) => field);

describe('a mapping is refused by the place that is wrong', () => {
  it.each<[string, MappingInput, string[]]>([
    ['nothing', CSV, []],
    [
      'a field that every event has',
      { ...CSV, event: PLACE },
      ['event.id', 'event.key', 'event.type', 'event.occurredAt'],
    ],
    ['but not what Debezium tells', { format: { kind: 'debezium' }, event: { ...PLACE, key: { path: 'row.id' } } }, []],
    ['a target within another', { ...CSV, data: { a: { path: 'a' }, 'a.b.c': { path: 'b' } } }, ['data.a.b.c']],
    [
      'the place of changes',
      {
        format: { kind: 'debezium' },
        event: { ...PLACE, key: { path: 'row.id' } },
        data: { 'changes.x': { path: 'row.id' } },
      },
      ['data.changes.x'],
    ],
    [
      'a path that is none',
      {
        ...EDI,
        data: {
          x: { path: 'BEG' },
          y: { path: 'N1[ST].2' },
          z: { path: 'N1[1=ST]/.2' },
          zero: { path: 'BEG.0' },
          ok: { path: 'NAD[1.2=a.b]/RFF[2].1.2' },
        },
      },
      ['data.x.path', 'data.y.path', 'data.z.path', 'data.zero.path'],
    ],
    [
      'a column that is not there',
      { ...CSV, format: { kind: 'csv', columns: ['a'] }, data: { x: { path: 'b' } } },
      ['data.x.path'],
    ],
    [
      'columns and signs that are the same',
      { ...CSV, format: { kind: 'csv', columns: ['a', 'a'], quote: ',' } },
      ['format.quote', 'format.columns'],
    ],
    ['a prefix that nothing declares', { format: { kind: 'xml', record: 'x:A' }, event }, ['format.record']],
    ['a record that is an attribute', { format: { kind: 'xml', record: 'A/@b' }, event }, ['format.record']],
    [
      'a template without a path',
      { ...CSV, data: { x: { template: 'abc' }, y: { template: '{a}}' } } },
      ['data.x.template', 'data.y.template'],
    ],
    ['a hash that is no id', { ...CSV, data: { x: { hash: ['a'] } } }, ['data.x.hash']],
    [
      'a form of dates',
      {
        ...CSV,
        data: {
          x: { path: 'a', as: ['trim', { date: 'YYYYQ' }] },
          y: { path: 'a', as: [{ date: 'MMDD' }] },
          z: { path: 'a', as: [{ date: 'YYYYMMDDmm' }] },
        },
      },
      ['data.x.as.1.date', 'data.y.as.0.date', 'data.z.as.0.date'],
    ],
    [
      'constants that no event has',
      {
        ...CSV,
        event: {
          ...event,
          key: { value: '' },
          status: { path: 'a', choose: { x: 'well' }, default: 'ok' },
          attempt: { value: 'first' },
          test: { value: 'maybe' },
        },
      },
      ['event.key.value', 'event.attempt.value', 'event.status.choose.x', 'event.test.value'],
    ],
    ['a summary of nothing', { ...EDI, format: { kind: 'x12', summarySegment: 'CTT' } }, ['format.summarySegment']],
  ])('%s', (_what, input, fields) => {
    expect(fieldsOf(input)).toEqual(fields);
  });

  it('by its form, before that', () => {
    for (const wrong of [
      { ...CSV, event: { ...event, colour: { value: 'red' } } },
      { ...CSV, event: { ...event, id: { path: 'a', as: ['eval'] } } },
      { ...CSV, data: { 'a..b': { path: 'a' } } },
      { ...CSV, format: { kind: 'csv', delimiter: ';;' } },
      { ...CSV, event: { ...event, id: { path: 'a', value: 'b' } } },
    ])
      expect(MappingSchema.safeParse(wrong).success).toBe(false);
  });
});
