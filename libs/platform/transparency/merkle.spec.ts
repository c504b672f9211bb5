import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  perfectRoot,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle';

/** Leaves, roots and proofs of the reference tests of Certificate Transparency, which transparency-dev/merkle has too. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const INCLUSION: readonly (readonly [index: number, size: number, proof: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const CONSISTENCY: readonly (readonly [first: number, second: number, proof: readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const hashes = LEAVES.map(leafHash);
const nodes = async (level: number, index: number): Promise<Buffer> =>
  perfectRoot(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
const rootOf = (size: number): Buffer => Buffer.from(ROOTS[size - 1]!, 'hex');
const hex = (proof: readonly Buffer[]): string[] => proof.map((hash) => hash.toString('hex'));

describe('the Merkle tree of RFC 6962', () => {
  it('has the roots of the reference', async () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [i, root] of ROOTS.entries()) expect((await rangeRoot(nodes, 0, i + 1)).toString('hex')).toBe(root);
  });

  it.each(INCLUSION)('proves leaf %i of %i as the reference does', async (index, size, proof) => {
    expect(hex(await inclusionProof(nodes, index, size))).toEqual(proof);
    const made = proof.map((one) => Buffer.from(one, 'hex'));
    expect(verifyInclusion(hashes[index]!, index, size, made, rootOf(size))).toBe(true);
  });

  it.each(CONSISTENCY)('proves %i to begin %i as the reference does', async (first, second, proof) => {
    expect(hex(await consistencyProof(nodes, first, second))).toEqual(proof);
    const made = proof.map((one) => Buffer.from(one, 'hex'));
    expect(verifyConsistency(first, second, rootOf(first), rootOf(second), made)).toBe(true);
  });

  it('refuses what is out of range', async () => {
    await expect(inclusionProof(nodes, 8, 8)).rejects.toThrow(RangeError);
    await expect(consistencyProof(nodes, 8, 7)).rejects.toThrow(RangeError);
    expect(verifyInclusion(hashes[0]!, 1, 1, [], rootOf(1))).toBe(false);
    expect(verifyConsistency(3, 2, rootOf(3), rootOf(2), [])).toBe(false);
  });
});
