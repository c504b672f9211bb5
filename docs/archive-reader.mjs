#!/usr/bin/env node
// Reads an archive of Holdfast without Holdfast: needs Node 20 and nothing else. docs/archive-format.md describes the format.
//
//   node archive-reader.mjs check   <manifest.jws> <keys.json>                       verifies the signature and prints the manifest
//   node archive-reader.mjs unwrap  <key.json> <ring.json>                           prints the key of a local key ring, in hexadecimal
//   node archive-reader.mjs decrypt <manifest.jws> <keys.json> <key in hex> <number> <object> <output.parquet>
//
// keys.json is what GET /v1/statement-keys answers: { "keys": [JSON Web Keys] }.
import { createDecipheriv, createHash, createHmac, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

const fail = (text) => {
  throw new Error(text);
};
const derived = (key, salt, what, bytes) =>
  Buffer.from(hkdfSync('sha256', key, salt, `holdfast sealed stream 1 ${what}`, bytes));

export function checkManifest(text, keys) {
  const [head, payload, signature] = text.trim().split('.');
  const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url'));
  const jwk = keys.find((one) => one.kid === kid) ?? fail(`no key ${kid}`);
  const signed = Buffer.from(`${head}.${payload}`);
  const isTrue = verify(
    null,
    signed,
    createPublicKey({ key: jwk, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
  if (alg !== 'EdDSA' || !isTrue) fail('the signature of the manifest is wrong');
  const manifest = JSON.parse(Buffer.from(payload, 'base64url'));
  return manifest.format === 'holdfast archive 1' ? manifest : fail('not a manifest of this format');
}

export function unwrapKey(copy, ring) {
  const by = ring.keys.find(({ id }) => id === copy.wrappedBy)?.key ?? fail('the ring has no such key');
  const bytes = Buffer.from(copy.wrapped, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(by, 'base64'), bytes.subarray(0, 12))
    .setAAD(Buffer.from(`holdfast archive key ${copy.keyId}`))
    .setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
}

export function decryptObject(manifest, number, key, sealedFile, plainFile) {
  const known = manifest.objects.find((one) => one.number === number) ?? fail('no such object');
  const total = statSync(sealedFile).size;
  if (total !== known.sealedBytes) fail(`the object has ${total} bytes instead of ${known.sealedBytes}`);
  const [input, output] = [openSync(sealedFile, 'r'), openSync(`${plainFile}.part`, 'w')];
  const plainHash = createHash('sha256');
  const sealedHash = createHash('sha256');
  const take = (bytes) => {
    const buffer = Buffer.alloc(bytes);
    const taken = buffer.subarray(0, readSync(input, buffer, 0, bytes, null));
    sealedHash.update(taken);
    return taken;
  };
  try {
    const header = take(96);
    if (header.toString('latin1', 0, 8) !== 'HFSEAL1\n') fail('not a sealed stream');
    if (header.toString('hex', 52, 64) !== derived(key, Buffer.alloc(0), 'fingerprint', 12).toString('hex'))
      fail('another key');
    const [chunkBytes, salt, prefix] = [header.readUInt32BE(8), header.subarray(12, 44), header.subarray(44, 51)];
    const context = `holdfast archive ${manifest.archive} object ${number}`;
    const mac = createHmac('sha256', derived(key, salt, 'header', 32))
      .update(header.subarray(0, 64))
      .update(context);
    if (!mac.digest().equals(header.subarray(64))) fail('the header was altered, or it is another object');
    const streamKey = derived(key, salt, 'chunks', 32);
    const chunks = Math.max(1, Math.ceil((total - 96) / (chunkBytes + 16)));
    for (let at = 0; at < chunks; at++) {
      const sealed = take(chunkBytes + 16);
      const nonce = Buffer.concat([prefix, Buffer.alloc(5)]);
      nonce.writeUInt32BE(at, 7);
      nonce[11] = at === chunks - 1 ? 1 : 0;
      const cipher = createDecipheriv('aes-256-gcm', streamKey, nonce).setAAD(header).setAuthTag(sealed.subarray(-16));
      const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
      plainHash.update(plain);
      writeSync(output, plain);
    }
    if (sealedHash.digest('hex') !== known.sealedSha256 || plainHash.digest('hex') !== known.plainSha256)
      fail('the checksums differ');
    renameSync(`${plainFile}.part`, plainFile);
  } finally {
    closeSync(input);
    closeSync(output);
    rmSync(`${plainFile}.part`, { force: true });
  }
}

const [command, ...args] = process.argv.slice(2);
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
if (command === 'check')
  console.log(JSON.stringify(checkManifest(readFileSync(args[0], 'utf8'), json(args[1]).keys), null, 2));
else if (command === 'unwrap') console.log(unwrapKey(json(args[0]), json(args[1])).toString('hex'));
else if (command === 'decrypt') {
  const [manifestFile, keysFile, key, number, object, output] = args;
  const manifest = checkManifest(readFileSync(manifestFile, 'utf8'), json(keysFile).keys);
  decryptObject(manifest, Number(number), Buffer.from(key, 'hex'), object, output);
} else {
  console.error('check, unwrap or decrypt: see the head of this file');
  process.exitCode = 2;
}
