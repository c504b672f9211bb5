import * as fc from 'fast-check';
import { applyTo } from '@holdfast/domains/privacy/core/actions';
import { canonical } from '@holdfast/domains/privacy/core/canonical';
import {
  ACTIONS,
  BUILT_IN_CLASSES,
  CATEGORIES,
  SENSITIVITIES,
  storedAs,
  type Action,
} from '@holdfast/domains/privacy/core/classes';
import { findPersonal } from '@holdfast/domains/privacy/core/detect';
import { RecordMasker } from '@holdfast/domains/privacy/core/mask-record';
import { Plan, plainName } from '@holdfast/domains/privacy/core/plan';
import { DETECTORS, type Detector, type PrivacyPolicyDefinition } from '@holdfast/domains/privacy/core/policy';
import { plainHash, tokenMaker } from '@holdfast/domains/privacy/tokens';

const pseudonyms = { token: tokenMaker(Buffer.alloc(32, 7)), hash: plainHash };
const NAMES = ['email', 'iban', 'note', 'customer', 'lines', 'E-Mail', '7', '2', 'größe', 'a"b', '__proto__', 'phone'];
const VALUES = [
  ...[
    'jane.doe@example.com',
    ' Jane.Doe@example.com',
    'DE89 3704 0044 0532 0130 00',
    '4111111111111111',
    '+49 151 23456789',
  ],
  ...[
    'call +49 (0) 151 2345678 or jürgen@müller.example.',
    '203.0.113.7',
    '2001:db8::1',
    '',
    'plain',
    '<a@b.cc>;c@d.ee',
  ],
  ...['86095742719', '078-05-1120', 'tab\there', 'quote " and \\ and \u2028', '1980-05-17', '😀 x@y.zz'],
];
const leaf = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.constantFrom(null, true, false, 0, -12.5, 4111111111111111, 86095742719, 1e21),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ weight: 3, arbitrary: leaf }, tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string()), tie('any')), { maxLength: 6 })
    .map(objectOf),
}));
function objectOf(members: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(members.map(([name, one]) => [name.toWellFormed(), one]));
}
const record = value.object;

const policies = fc
  .record({
    email: fc.constantFrom(...ACTIONS),
    iban: fc.constantFrom(...ACTIONS),
    phone: fc.constantFrom(...ACTIONS),
    otherwise: fc.constantFrom(...ACTIONS),
    detectors: fc.subarray([...DETECTORS]),
    customer: fc.constantFrom('personal', 'none', 'own'),
    path: fc.constantFrom('customer.note', 'lines.*', 'lines', 'note.nowhere'),
  })
  .map(({ email, iban, phone, otherwise, detectors, customer, path }): PrivacyPolicyDefinition => ({
    classes: { own: { category: 'hipaa', sensitivity: 'sensitive' } },
    rules: [
      { class: 'email', names: ['email'], paths: [] },
      { class: 'iban', names: ['IBAN'], paths: [] },
      { class: customer, names: ['customer'], paths: [] },
      { class: 'phone', names: ['phone'], paths: [path] },
    ],
    detectors,
    identifiers: {},
    environments: { any: { actions: { email, iban, phone }, otherwise } },
  }));

/** What masking means, said on the parsed value, without haste. */
function reference(of: unknown, policy: PrivacyPolicyDefinition): unknown {
  const DROPPED = Symbol('dropped');
  const { actions, otherwise } = policy.environments['any']!;
  const actionOf = (name: string): Action => (name === 'none' ? 'keep' : (actions[name] ?? otherwise));
  const wanted = policy.detectors.reduce((bits, one) => bits | (1 << DETECTORS.indexOf(one)), 0);
  const find = (text: string) => {
    const bytes = Buffer.from(text);
    return findPersonal(bytes, 0, bytes.length, wanted).map(({ from, to, detector }) => ({
      before: bytes.toString('utf8', 0, from),
      text: bytes.toString('utf8', from, to),
      after: bytes.toString('utf8', to),
      detector,
    }));
  };
  const apply = (name: string, text: string): unknown => {
    if (actionOf(name) === 'drop') return DROPPED;
    return applyTo(name, actionOf(name), text, pseudonyms);
  };
  const visitLeaf = (one: unknown, field: string | undefined): unknown => {
    if (one === null || one === '') return one;
    if (field !== undefined)
      return actionOf(field) === 'keep' ? one : apply(field, typeof one === 'string' ? one : JSON.stringify(one));
    const text = typeof one === 'string' ? one : /^\d{11,}$/.test(JSON.stringify(one)) ? JSON.stringify(one) : '';
    const found = find(text);
    if (found.length === 0) return one;
    const [only] = found;
    if (found.length === 1 && /^[\0-\x20]*$/.test(only!.before) && /^[\0-\x20]*$/.test(only!.after))
      return actionOf(only!.detector) === 'keep' ? one : apply(only!.detector, text);
    return found.reduceRight((rest, { before, text: match, after, detector }, index) => {
      const next = found[index + 1];
      const between = next
        ? after.slice(0, after.length - Buffer.from(next.text + next.after).toString().length)
        : after;
      const made =
        actionOf(detector) === 'keep'
          ? match
          : (applyTo(detector, actionOf(detector), match, pseudonyms) ?? `[${detector}]`);
      return (index === 0 ? before : '') + made + (next ? between + rest : after);
    }, '');
  };
  const renamed = (name: string): string | undefined => {
    const found = find(name).filter(({ detector }) => actionOf(detector) !== 'keep');
    if (found.length === 0) return name;
    if (!found.every(({ detector }) => ['tokenise', 'hash'].includes(actionOf(detector)))) return undefined;
    return found.reduceRight((rest, { before, text, after, detector }, index) => {
      const next = found[index + 1];
      const between = next ? after.slice(0, after.length - (next.text + next.after).length) : after;
      return (
        (index === 0 ? before : '') +
        applyTo(detector, actionOf(detector), text, pseudonyms)! +
        (next ? between + rest : after)
      );
    }, '');
  };
  const ruleOf = (path: string[]): string | undefined =>
    policy.rules.find(({ paths }) =>
      paths.some(
        (one) =>
          one.split('.').length === path.length && one.split('.').every((part, i) => part === '*' || part === path[i]),
      ),
    )?.class ??
    policy.rules.find(({ names }) => names.some((name) => plainName(name) === plainName(path.at(-1)!)))?.class;
  const visit = (one: unknown, path: string[], field: string | undefined): unknown => {
    if (Array.isArray(one))
      return one.map((element) => {
        const made = visit(element, path, field);
        return made === DROPPED ? null : made;
      });
    if (typeof one !== 'object' || one === null) return visitLeaf(one, field);
    const members = Object.entries(one).flatMap(([name, member]): [string, unknown][] => {
      const rename = renamed(name);
      if (rename === undefined) return [];
      const own = ruleOf([...path, name]) ?? field;
      if (own !== undefined && actionOf(own) === 'drop') return [];
      const made = own !== undefined && actionOf(own) === 'null' ? null : visit(member, [...path, name], own);
      return made === DROPPED ? [] : [[rename, made]];
    });
    return Object.fromEntries(members.reverse()); // of two that became one, the first stays
  };
  return visit(of, [], undefined);
}

describe('masking the bytes of a record', () => {
  it('is masking its value, and changes the parsed value alike', () => {
    fc.assert(
      fc.property(record, policies, fc.constantFrom(0, 1), (of, policy, indent) => {
        const bytes = Buffer.from(JSON.stringify(of, null, indent));
        const parsed = JSON.parse(bytes.toString()) as Record<string, unknown>;
        const masker = new RecordMasker(new Plan(policy, 'test', pseudonyms));
        const { data } = masker.mask(bytes, parsed);
        const expected = reference(JSON.parse(bytes.toString()), policy);
        expect(JSON.parse(data.toString())).toEqual(expected);
        expect(parsed).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves every byte of what is not personal', () => {
    const masker = new RecordMasker(new Plan(policyOf({ email: 'tokenise' }), 'any', pseudonyms));
    const text = '{ "a" : 1.50,\n"big":12345678901234567890.10, "uni":"\\u00e4\\/ä", "mail":"x@y.zz" , "z":[ 1 , 2 ]}';
    const { data } = masker.mask(Buffer.from(text));
    expect(data.toString()).toBe(text.replace('x@y.zz', pseudonyms.token('email', 'x@y.zz')));
    const plain = Buffer.from(text.replace('x@y.zz', 'x'));
    expect(masker.mask(plain).data).toBe(plain);
  });

  it('leaves no classified value anywhere, whatever stands around it', () => {
    const personal = fc.constantFrom(
      'jane.doe@example.com',
      '4111111111111111',
      'DE89370400440532013000',
      '+4915123456789',
      '86095742719',
    );
    const text = fc
      .string({ unit: 'binary' })
      .map((one) => one.toWellFormed().replace(/[\w@.+~!#$%&'*/=?^`{|}\u0080-\uffff-]/g, ' '));
    const action = fc.constantFrom<Action>('mask', 'tokenise', 'hash', 'null', 'generalise', 'drop');
    fc.assert(
      fc.property(personal, text, text, action, fc.boolean(), (secret, before, after, action, escape) => {
        const masker = new RecordMasker(new Plan(policyOf({}, action), 'any', pseudonyms));
        const json = JSON.stringify({
          note: `${before} ${secret} ${after}`,
          deep: [[{ [secret]: secret }]],
          email: secret,
        });
        const sent = escape
          ? json.replaceAll(
              secret,
              Array.from(secret, (one) => one)
                .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
                .join(''),
            )
          : json;
        const { data } = masker.mask(Buffer.from(sent));
        expect(JSON.stringify(JSON.parse(data.toString()))).not.toContain(secret);
        expect(data.toString()).not.toContain(secret);
      }),
    );
  });

  it('tells the categories and the highest sensitivity of what is left', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(BUILT_IN_CLASSES)), fc.constantFrom(...ACTIONS), (classes, action) => {
        const policy = policyOf({}, action);
        const rules = classes.map((name) => ({ class: name, names: [name], paths: [] }));
        const masker = new RecordMasker(new Plan({ ...policy, rules, detectors: [] }, 'any', pseudonyms));
        const of = Object.fromEntries(classes.map((name) => [name, 'x']));
        const { categories, sensitivity } = masker.mask(Buffer.from(JSON.stringify(of)));
        const left = classes.map((name) =>
          storedAs(BUILT_IN_CLASSES[name as 'email'], name === 'none' ? 'keep' : action),
        );
        const expected = CATEGORIES.filter((one) => one !== 'none' && left.some(({ category }) => category === one));
        expect(categories).toEqual(expected);
        const highest = Math.max(0, ...left.map((one) => SENSITIVITIES.indexOf(one.sensitivity)));
        expect(sensitivity).toBe(SENSITIVITIES[highest]);
      }),
    );
  });
});

describe('tokens', () => {
  it('are equal exactly where the class and the canonical text are, under one key', () => {
    const text = fc.oneof(
      fc.constantFrom(...VALUES, 'JANE.DOE@example.com', 'de89370400440532013000', '+49 151 234 567 89'),
      fc.string(),
    );
    const of = fc.constantFrom('email', 'iban', 'phone', 'person_id', 'own');
    fc.assert(
      fc.property(of, text, of, text, (class1, text1, class2, text2) => {
        const token = (name: string, one: string) => applyTo(name, 'tokenise', one, pseudonyms);
        expect(token(class1, text1)).toMatch(new RegExp(`^tok_${class1}_[a-z2-7]{26}$`));
        const same = class1 === class2 && canonical(class1, text1) === canonical(class2, text2);
        expect(token(class1, text1) === token(class2, text2)).toBe(same);
        const other = { ...pseudonyms, token: tokenMaker(Buffer.alloc(32, 8)) };
        expect(applyTo(class1, 'tokenise', text1, other)).not.toBe(token(class1, text1));
      }),
    );
  });

  it('are what a fresh computation says, in whatever order values come and are remembered', () => {
    const plan = new Plan(policyOf({ email: 'tokenise' }), 'any', pseudonyms);
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 9_000; i++) {
        const text = `p${i % 5_000}@example.com`;
        expect(plan.treatment('email').apply(text).text).toBe(pseudonyms.token('email', text));
      }
  });
});

describe('detectors', () => {
  it('find spans in order, inside of the text, for any bytes', () => {
    const bits = (1 << DETECTORS.length) - 1;
    const unit = fc.constantFrom(...'0123456789abcfDE@.:+-( )/\u00e4"'.split(/(?:)/u));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit, maxLength: 200 }), fc.string({ unit: 'binary' })), (text) => {
        const bytes = Buffer.from(text);
        let end = 0;
        for (const { from, to, detector } of findPersonal(bytes, 0, bytes.length, bits)) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          expect(DETECTORS).toContain(detector satisfies Detector);
          end = to;
        }
        expect(end).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it.each(['@', 'a@', 'a.', '4', '4 ', '4-', '+1', '+', '1:', ':', 'DE89 ', 'A1', '1.', '1.1.', 'GB82WEST', '::', '0'])(
    'look at each byte of a long run of %j a bounded number of times',
    (piece) => {
      let reads = 0;
      const length = 10_000;
      const pattern = Buffer.from(piece);
      // Counts every look at a byte, and stands for a text of that length.
      const bytes = new Proxy(new Uint8Array(0), {
        get: (_target, name) => {
          if (name === 'length') return length;
          reads++;
          const at = Number(name);
          return at >= 0 && at < length ? pattern[at % pattern.length] : undefined;
        },
      });
      findPersonal(bytes, 0, length, (1 << DETECTORS.length) - 1);
      expect(reads).toBeLessThan(length * 250);
    },
  );
});

function policyOf(actions: Record<string, Action>, otherwise: Action = 'mask'): PrivacyPolicyDefinition {
  return {
    classes: {},
    rules: [{ class: 'email', names: ['email'], paths: [] }],
    detectors: [...DETECTORS],
    identifiers: {},
    environments: { any: { actions, otherwise } },
  };
}
