import { checkpointText, readCheckpoint } from './checkpoint';
import { cosign, isSignedBy, NoteError, readNote, readVerifierKey, SIGNATURE_TYPE, signerKey, signNote } from './note';

/** The example of golang.org/x/mod/sumdb/note, which C2SP signed-note keeps the format of. */
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PUBLIC = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SECRET = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const LINE =
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

const other = signerKey('other.example/log', Buffer.alloc(32, 7));
const witness = signerKey('witness.example/w', Buffer.alloc(32, 8), SIGNATURE_TYPE.cosignature);

describe('a signed note', () => {
  it('is the published example, byte for byte', () => {
    const key = signerKey('PeterNeumann', SECRET);
    expect(key.text).toBe(PUBLIC);
    expect(signNote(TEXT, [key])).toBe(`${TEXT}\n${LINE}`);
    expect(isSignedBy(readNote(`${TEXT}\n${LINE}`), readVerifierKey(PUBLIC))).toBe(true);
  });

  it('is not signed when a letter of it differs, by another key, or by one wrong signature of several', () => {
    const key = readVerifierKey(PUBLIC);
    expect(isSignedBy(readNote(`${TEXT.replace('answer', 'Answer')}\n${LINE}`), key)).toBe(false);
    expect(isSignedBy(readNote(`${TEXT}\n${LINE}`), other)).toBe(false);
    const wrong = signNote('other\n', [signerKey('PeterNeumann', SECRET)]).split('\n\n')[1]!;
    expect(isSignedBy(readNote(`${TEXT}\n${LINE}${wrong}`), key)).toBe(false);
  });

  it('may have several signatures, by keys that are told apart by their ids', () => {
    const next = signerKey('other.example/log', Buffer.alloc(32, 9));
    const note = readNote(signNote(TEXT, [other, next]));
    expect([isSignedBy(note, other), isSignedBy(note, next), isSignedBy(note, witness)]).toEqual([true, true, false]);
    expect(other.id).not.toBe(next.id);
  });

  it('is co-signed with a time', () => {
    const text = checkpointText({ origin: 'other.example/log', size: 3, root: Buffer.alloc(32, 1) });
    const note = signNote(text, [other]) + cosign(text, witness, 1_790_000_000);
    expect(isSignedBy(readNote(note), readVerifierKey(witness.text))).toBe(true);
    const later = signNote(text, [other]) + cosign(`${text}x\n`, witness, 1_790_000_000);
    expect(isSignedBy(readNote(later), witness)).toBe(false);
  });

  it.each([
    '',
    'no signature\n',
    'text\n\n',
    'text\n\n\u2014 name\n',
    'text\n\n\u2014 name !!!!\n',
    `${TEXT}\n${LINE.trim()}`,
  ])('is refused when malformed: %j', (text) => {
    expect(() => readNote(text)).toThrow(NoteError);
  });

  it.each(['', 'a+b', PUBLIC.replace('c74f20a3', 'c74f20a4'), PUBLIC.slice(0, -4), `a b+${PUBLIC}`])(
    'has no key %j',
    (text) => {
      expect(() => readVerifierKey(text)).toThrow(NoteError);
    },
  );
});

describe('a checkpoint', () => {
  it('is read as it was written, and nothing else is', () => {
    const one = { origin: 'a.example/log', size: 20_852_163, root: Buffer.alloc(32, 3) };
    expect(readCheckpoint(checkpointText(one))).toEqual(one);
    expect(readCheckpoint(`${checkpointText(one)}extension\n`)).toEqual(one);
    for (const text of [
      '',
      'a\n01\nAA==\n',
      checkpointText(one).replace('20852163', '-1'),
      `a\n1\n${'A'.repeat(40)}\n`,
    ])
      expect(() => readCheckpoint(text)).toThrow(NoteError);
  });
});
