import { createHmac } from 'node:crypto';
import { signatureOf, verifySignature } from './signature';

const T = 1_800_000_000;

test('each secret signs time and body', () => {
  const expected = createHmac('sha256', 'new').update(`${T}.{}`).digest('hex');
  expect(signatureOf('{}', ['new', 'old'], T)).toMatch(new RegExp(`^t=${T},v1=${expected},v1=[0-9a-f]{64}$`));
});

test('a receiver with either secret believes it, for five minutes', () => {
  const header = signatureOf('{"a":1}', ['new', 'old'], T);
  const verified = (over: { body?: string; secrets?: string[]; now?: number; header?: string }): boolean =>
    verifySignature(over.body ?? '{"a":1}', over.header ?? header, over.secrets ?? ['old'], over.now ?? T);
  expect([verified({}), verified({ secrets: ['new'] }), verified({ now: T + 300 })]).toEqual([true, true, true]);
  const wrong = [
    { body: '{"a":2}' },
    { secrets: ['other'] },
    { secrets: [] },
    { now: T + 301 },
    { now: T - 301 },
    { header: header.replace(String(T), String(T + 1)) },
    { header: 'v1=00' },
    { header: '' },
    { header: signatureOf('{"a":1}', [''], T), secrets: [''] },
  ];
  expect(wrong.map(verified)).toEqual(wrong.map(() => false));
});
