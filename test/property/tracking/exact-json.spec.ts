import { canonicalJson, exactDecimal, parseExact } from '@holdfast/domains/tracking/core/exact-json';
import { countMembers, type Scan, scanRecord } from '@holdfast/domains/tracking/core/scan-record';
import * as fc from 'fast-check';

/** JSON as the model sees it: numbers are a whole number and a power of ten, members a list, so that nothing is rounded and nothing gets lost. */
type Model =
  | { readonly number: bigint; readonly power: number }
  | { readonly text: string }
  | { readonly word: 'true' | 'false' | 'null' }
  | { readonly list: readonly Model[] }
  | { readonly members: readonly (readonly [string, Model])[] };

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('', 'data', '__proto__', 'constructor', 'a"b\\c', '\u0000\u2028\n', '1', '02', '{[:,', '😀'),
);
const digits = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(BigInt),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  fc.constantFrom(9007199254740993n, 9007199254740992n, 1000000000000000000n, 123456789012345n, -999999999999999n),
);
const power = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(300, 308, 309, 400, -310, -324, -400));
const { model } = fc.letrec<{ model: Model; members: readonly (readonly [string, Model])[] }>((tie) => ({
  members: fc.uniqueArray(fc.tuple(text, tie('model')), { selector: ([name]) => name, maxLength: 4 }),
  model: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: fc.record({ number: digits, power }) },
    { weight: 1, arbitrary: fc.record({ text }) },
    { weight: 1, arbitrary: fc.record({ word: fc.constantFrom('true' as const, 'false' as const, 'null' as const) }) },
    { weight: 2, arbitrary: fc.record({ list: fc.array(tie('model'), { maxLength: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ members: tie('members') }) },
  ),
}));

const SPACES = ['', '', '', ' ', '\n', '\t\r '] as const;
/** Choices, one after the other, from an endless seed. */
const chooser = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
};
type Choose = ReturnType<typeof chooser>;

/** One of the many texts of a number. */
function numberText(number: bigint, power: number, choose: Choose): string {
  const sign = number < 0n ? '-' : number === 0n && choose(4) === 0 ? '-' : '';
  const whole = (number < 0n ? -number : number).toString();
  const form = choose(4);
  if (form === 0 && power >= 0 && power <= 30) return `${sign}${whole === '0' ? '0' : whole + '0'.repeat(power)}`;
  if (form === 1 && power < 0 && power > -30) {
    const padded = whole.padStart(1 - power, '0');
    const at = padded.length + power;
    return `${sign}${padded.slice(0, at)}.${padded.slice(at)}${'0'.repeat(choose(3))}`;
  }
  const shifted = choose(3);
  const plus = power - shifted >= 0 && choose(2) === 0 ? '+' : '';
  return `${sign}${whole === '0' ? '0' : whole + '0'.repeat(shifted)}${choose(2) === 0 ? 'e' : 'E'}${plus}${power - shifted}`;
}

function stringText(of: string, choose: Choose): string {
  const inner = Array.from({ length: of.length }, (_, i) => {
    const unit = of.charCodeAt(i);
    const pair = unit >= 0xd800 && unit <= 0xdfff;
    if (choose(4) === 0 || unit < 0x20) return `\\u${unit.toString(16).padStart(4, '0')}`;
    if (pair) return of[i]!;
    return of[i] === '"' || of[i] === '\\' ? `\\${of[i]}` : of[i] === '/' && choose(2) === 0 ? '\\/' : of[i]!;
  });
  // Half a pair cannot be escaped while the other half is not.
  const joined = inner.join('');
  return `"${joined.isWellFormed() ? joined : JSON.stringify(of).slice(1, -1)}"`;
}

function textOf(of: Model, choose: Choose): string {
  const space = (): string => SPACES[choose(SPACES.length)]!;
  if ('number' in of) return numberText(of.number, of.power, choose);
  if ('text' in of) return stringText(of.text, choose);
  if ('word' in of) return of.word;
  if ('list' in of) return `[${space()}${of.list.map((one) => textOf(one, choose) + space()).join(`,${space()}`)}]`;
  const members = [...of.members];
  for (let i = members.length - 1; i > 0; i--) {
    const j = choose(i + 1);
    [members[i], members[j]] = [members[j]!, members[i]!];
  }
  return `{${space()}${members.map(([name, one]) => `${stringText(name, choose)}${space()}:${space()}${textOf(one, choose)}${space()}`).join(',')}}`;
}

/** One name for all equal values. */
function nameOf(of: Model): string {
  if ('number' in of) {
    let { number, power } = of;
    if (number === 0n) return '0';
    for (; number % 10n === 0n; number /= 10n) power++;
    return `${number}e${power}`;
  }
  if ('text' in of) return JSON.stringify(of.text);
  if ('word' in of) return of.word;
  if ('list' in of) return `[${of.list.map(nameOf).join()}]`;
  return `{${of.members
    .map(([name, one]) => `${JSON.stringify(name)}:${nameOf(one)}`)
    .sort()
    .join()}}`;
}

const seed = fc.nat();
const fresh = (): Scan => ({ dataStart: -1, dataEnd: -1, members: 0, depth: 0, longNumber: false });
const scanned = (bytes: Buffer): Scan => {
  const scan = fresh();
  scanRecord(bytes, 0, bytes.length, scan);
  return scan;
};
const depthOf = (of: Model): number =>
  'list' in of
    ? 1 + Math.max(0, ...of.list.map(depthOf))
    : 'members' in of
      ? 1 + Math.max(0, ...of.members.map(([, one]) => depthOf(one)))
      : 0;

describe('JSON without loss', () => {
  it('has one canonical text for all texts of a value', () => {
    fc.assert(
      fc.property(model, seed, seed, (of, one, other) => {
        expect(canonicalJson(textOf(of, chooser(one)))).toBe(canonicalJson(textOf(of, chooser(other))));
      }),
      { numRuns: 3_000 },
    );
  });

  it('has different canonical texts for different values', () => {
    fc.assert(
      fc.property(model, model, seed, (a, b, one) => {
        const same = canonicalJson(textOf(a, chooser(one))) === canonicalJson(textOf(b, chooser(one + 1)));
        expect(same).toBe(nameOf(a) === nameOf(b));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(digits, power, digits, power, fc.boolean(), seed, (number, up, other, otherUp, near, one) => {
        const [a, b] = [
          { number, power: up },
          near ? { number: number + 1n, power: up } : { number: other, power: otherUp },
        ];
        const same = canonicalJson(textOf(a, chooser(one))) === canonicalJson(textOf(b, chooser(one + 1)));
        expect(same).toBe(nameOf(a) === nameOf(b));
      }),
      { numRuns: 4_000 },
    );
  });

  it('reads what JSON.parse reads, but for numbers that a double would round or lose', () => {
    fc.assert(
      fc.property(model, seed, (of, one) => {
        const json = textOf(of, chooser(one));
        const lossy = JSON.parse(
          JSON.stringify(parseExact(json), (_name, value: unknown) => {
            const exact = exactDecimal(value);
            return exact === undefined ? value : Number(exact);
          }),
        ) as unknown;
        expect(lossy).toEqual(JSON.parse(JSON.stringify(JSON.parse(json))));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['zeros that others follow', `1${'0'.repeat(900_000)}1`],
    ['digits behind the point', `0.${'0'.repeat(900_000)}1`],
    ['escapes', JSON.stringify('"'.repeat(400_000))],
    ['one long text', JSON.stringify('x'.repeat(1_000_000))],
    ['many members', `{${Array.from({ length: 60_000 }, (_, i) => `"${i}":1e1`).join()}}`],
  ])('takes time in proportion to its length: %s', (_what, json) => {
    const started = performance.now();
    canonicalJson(json);
    expect(performance.now() - started).toBeLessThan(5_000); // what is not linear takes minutes
  });
});

describe('scan of a record', () => {
  it('finds where data stands, how deep it goes, and every member', () => {
    const others = fc.uniqueArray(fc.tuple(text, model), { selector: ([name]) => name, maxLength: 3 });
    fc.assert(
      fc.property(others, others, fc.option(model, { nil: undefined }), seed, (before, after, data, one) => {
        const choose = chooser(one);
        const rest = [...before, ...after].filter(
          ([name], i, all) => name !== 'data' && all.findIndex(([other]) => other === name) === i,
        );
        const at = Math.min(before.length, rest.length);
        const members = [...rest.slice(0, at), ...(data ? [['data', data] as const] : []), ...rest.slice(at)];
        const json = `{${members.map(([name, of]) => `${stringText(name, choose)} :${textOf(of, choose)}`).join(' , ')}}`;
        const bytes = Buffer.from(json);
        const scan = scanned(bytes);
        const value = JSON.parse(json) as { data?: unknown };
        expect(scan.members).toBe(countMembers(value));
        expect(scan.depth).toBe(depthOf({ members }));
        if (data === undefined) expect([scan.dataStart, scan.dataEnd]).toEqual([-1, -1]);
        else expect(JSON.parse(bytes.toString('utf8', scan.dataStart, scan.dataEnd))).toEqual(value.data);
        if (!scan.longNumber) expect(canonicalJson(json)).toBe(canonicalJson(JSON.stringify(value))); // nothing was lost in a double
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds a name that comes twice, at any depth and in any spelling', () => {
    fc.assert(
      fc.property(model, fc.nat(), seed, (of, where, one) => {
        const choose = chooser(one);
        const twice = doubled({ members: [['top', of]] }, where);
        const json = textOf(twice, choose);
        expect(scanned(Buffer.from(json)).members).toBeGreaterThan(countMembers(JSON.parse(json)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(scanned(Buffer.from(bytes)).members).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

/** The value with one member of one of its objects named a second time. */
function doubled(of: Model, where: number): Model {
  let left = where % Math.max(1, membersOf(of));
  const visit = (one: Model): Model => {
    if ('list' in one) return { list: one.list.map(visit) };
    if (!('members' in one)) return one;
    return {
      members: one.members.flatMap(([name, value]) => {
        const again = left-- === 0;
        const member = [name, visit(value)] as const;
        return again ? [member, [name, { word: 'null' as const }] as const] : [member];
      }),
    };
  };
  return visit(of);
}
const membersOf = (of: Model): number =>
  'list' in of
    ? of.list.reduce((sum, one) => sum + membersOf(one), 0)
    : 'members' in of
      ? of.members.reduce((sum, [, one]) => sum + 1 + membersOf(one), 0)
      : 0;
