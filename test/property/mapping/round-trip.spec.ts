import * as fc from 'fast-check';
import { PLACE, readAll, type MappingInput } from './read-all';

/** What every record of these tests says; the texts may be anything that a format can carry. */
interface Order {
  readonly id: string;
  readonly note: string;
  readonly amount: string;
}
const AT = '2026-11-20T09:30:00Z';
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(999))
  .map(([whole, rest]) => `${whole}.${String(rest).padStart(3, '0')}`);
const orders = (note: fc.Arbitrary<string>, most = 6): fc.Arbitrary<Order[]> =>
  fc.array(fc.record({ id: fc.stringMatching(/^[A-Z0-9]{1,12}$/), note, amount }), { maxLength: most });
const cuts = fc.array(fc.nat(), { maxLength: 8 });
const mapping = (
  format: MappingInput['format'],
  paths: Record<keyof Order, string> & { at: string },
): MappingInput => ({
  format,
  event: {
    ...PLACE,
    id: { path: paths.id },
    key: { path: paths.id },
    type: { value: 't' },
    occurredAt: { path: paths.at },
  },
  data: { note: { path: paths.note }, amount: { path: paths.amount, as: ['number'] } },
});

/** What was read is what was written, digit by digit, wherever the parts of the body ended. */
function expectOrders(
  input: MappingInput,
  body: Buffer | string,
  written: readonly Order[],
  at: readonly number[],
  occurredAt = AT,
): void {
  const { texts, rejections, broken } = readAll(input, body, at);
  expect({ rejections, broken }).toEqual({ rejections: [], broken: undefined });
  expect(texts.map((text) => JSON.parse(text.replace(/"amount":(-?[\d.]+)/, '"amount":"$1"')))).toEqual(
    written.map(({ id, note, amount }) => ({
      id,
      source: 'partner',
      process: 'orders',
      stage: 'shop',
      key: id,
      type: 't',
      occurredAt,
      data: { ...(note !== '' && { note }), amount },
    })),
  );
}

describe('what is written in a format is read back', () => {
  it('CSV', () => {
    const quoted = (text: string, quote: string): string => quote + text.replaceAll(quote, quote + quote) + quote;
    fc.assert(
      fc.property(
        orders(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[;,"'\r\n ]{0,8}$/))).filter((all) =>
          all.every(({ note }) => note.isWellFormed()),
        ),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('"', "'"),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        cuts,
        (all, delimiter, quote, end, last, at) => {
          const rows = all.map(({ id, note, amount }) =>
            [quoted(id, quote), quoted(note, quote), AT, amount].join(delimiter),
          );
          const body = [`id${delimiter}note${delimiter}at${delimiter}amount`, ...rows].join(end) + (last ? end : '');
          expectOrders(
            mapping({ kind: 'csv', delimiter, quote }, { id: 'id', note: 'note', amount: 'amount', at: 'at' }),
            body,
            all,
            at,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('XML', () => {
    const character = fc.oneof(
      fc.stringMatching(/^[ -~\n\tà-ÿ😀]$/u),
      fc.constantFrom('<', '>', '&', '"', "'", ']]>', 'é', '😀'),
    );
    const escaped = (text: string): string =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&#34;')
        .replaceAll('\n', '&#10;')
        .replaceAll('\t', '&#x9;');
    fc.assert(
      fc.property(
        orders(fc.string({ unit: character }).map((text) => `-${text}-`)),
        fc.constantFrom('', '\n  ', '<!-- <Order> -->'),
        cuts,
        (all, between, at) => {
          const body = `<?xml version="1.0" encoding="utf-8"?><x:List xmlns:x="urn:x">${all
            .map(
              ({ id, note, amount }) =>
                `${between}<x:Order id="${id}"><Note by="${escaped(note)}">${escaped(note)}</Note><a><b>${amount}</b></a></x:Order>`,
            )
            .join('')}${between}</x:List>`;
          for (const path of ['Note', 'Note/@by']) {
            const paths = { id: '@id', note: path, amount: 'a/b', at: '@at' };
            expectOrders(
              mapping({ kind: 'xml', record: 'List/Order' }, paths),
              body.replaceAll(' id=', ` at="${AT}" id=`),
              all,
              at,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  const ediText = fc.string({ unit: fc.stringMatching(/^[ -~]$/) });
  it('X12, with any separators', () => {
    fc.assert(
      fc.property(
        orders(ediText.map((text) => text.replaceAll(/[*~>|^:]/g, ''))),
        fc.constantFrom(['*', '>', '~'], ['|', ':', '\n'], ['^', '>', '\x1c']),
        fc.boolean(),
        cuts,
        (all, [element = '', component = '', segment = ''], byLine, at) => {
          const isa = [
            'ISA',
            '00',
            ' '.repeat(10),
            '00',
            ' '.repeat(10),
            'ZZ',
            'A'.padEnd(15),
            'ZZ',
            'B'.padEnd(15),
            '261120',
            '0930',
            'U',
            '00401',
            '000000007',
            '0',
            'P',
            component,
          ];
          const line = ({ id, note, amount }: Order): string[] => [
            `PO1${element}${id}${element}${note}`,
            `AMT${element}TT${element}${amount}`,
          ];
          const sets = (byLine ? [all] : all.map((one) => [one])).filter((some) => some.length > 0);
          const text = [
            isa.join(element),
            ['GS', 'PO', 'A', 'B', '20261120', '0930', '7', 'X', '004010'].join(element),
            ...sets.flatMap((some, index) => {
              const inner = some.flatMap(line);
              return [
                `ST${element}850${element}${index}`,
                `BEG${element}${AT.slice(0, 10)}`,
                ...inner,
                `SE${element}${inner.length + 3}${element}${index}`,
              ];
            }),
            ['GE', String(sets.length), '7'].join(element),
            ['IEA', '1', '000000007'].join(element),
          ].join(`${segment}\r\n`);
          const input = mapping(
            { kind: 'x12', ...(byLine && { recordSegment: 'PO1' }) },
            { id: 'PO1.1', note: 'PO1.2', amount: 'AMT[1=TT].2', at: 'BEG.1' },
          );
          expectOrders(input, text + segment, all, at, `${AT.slice(0, 10)}T00:00:00`);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('EDIFACT, where service characters are released', () => {
    const released = (text: string): string => text.replaceAll(/[+:'?]/g, '?$&');
    fc.assert(
      fc.property(
        orders(fc.oneof(ediText, fc.stringMatching(/^[+:'?]{0,6}$/))),
        fc.constantFrom('', '\n', '\r\n'),
        fc.boolean(),
        cuts,
        (all, end, una, at) => {
          const messages = all.map(({ id, note, amount }, index) =>
            [
              `UNH+${index}+ORDERS:D:96A:UN`,
              `BGM+220+${id}`,
              `FTX+AAI+++x:${released(note)}`,
              `MOA+9:${amount}`,
              `UNT+5+${index}`,
            ]
              .map((text) => `${text}'${end}`)
              .join(''),
          );
          const body = `${una ? `UNA:+.? '${end}` : ''}UNB+UNOA:1+A+B+261120:0930+R'${end}${messages.join('')}UNZ+${all.length}+R'${end}`;
          const input = mapping(
            { kind: 'edifact' },
            { id: 'BGM.2', note: 'FTX[1=AAI].4.2', amount: 'MOA[1.1=9].1.2', at: 'BGM.2' },
          );
          expectOrders({ ...input, event: { ...input.event, occurredAt: { value: AT } } }, body, all, at);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('Debezium: any row, and what changed between two', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z_]{1,6}$/),
      fc.constantFrom('__proto__', 'constructor', 'toString', ''),
    );
    const row = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })).map((one) => ({ ...one, id: 'K' }));
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    const hasDottedName = (of: unknown): boolean =>
      typeof of === 'object' &&
      of !== null &&
      Object.getOwnPropertyNames(of).some((one) => one.includes('.') || hasDottedName(Reflect.get(of, one)));
    const input: MappingInput = { format: { kind: 'debezium' }, event: { ...PLACE, key: { path: 'row.id' } } };
    fc.assert(
      fc.property(row, row, (before, after) => {
        // A path does not tell a dot within a name.
        fc.pre(!('changes' in after) && !hasDottedName([before, after]));
        const source = { connector: 'postgresql', lsn: 1, table: 't', ts_ms: 1559033904863 };
        const { events, rejections } = readAll(input, [{ op: 'u', before, after, source }]);
        expect(rejections).toEqual([]);
        const { changes, ...data } = events[0].data;
        expect(data).toEqual(plain(after));
        const at = (of: any, path: string): unknown =>
          path.split('.').reduce((found, step) => (Object.hasOwn(Object(found), step) ? found[step] : undefined), of);
        for (const { path, before: was, after: is } of changes) {
          if (path.split('.').includes('')) continue;
          expect([at(plain(before), path), at(plain(after), path)]).toEqual([was, is]);
          expect(was).not.toEqual(is);
        }
        if (changes.length === 0) expect(plain(after)).toEqual(plain(before));
      }),
      { numRuns: 200 },
    );
  });
});
