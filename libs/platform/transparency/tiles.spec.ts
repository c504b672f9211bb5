import { bundleOf, bundlePath, entriesOf, isTilePath, tilePath, widthIn } from './tiles';

describe('the layout of tlog-tiles', () => {
  it('has the paths of the specification', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('tile/1/000.p/17');
    expect(tilePath({ level: 2, index: 999, width: 256 })).toBe('tile/2/999');
    expect(tilePath({ level: 0, index: 1_000, width: 1 })).toBe('tile/0/x001/000.p/1');
    expect(bundlePath(1_234_067, 8)).toBe('tile/entries/x001/x234/067.p/8');
  });

  it('has the widths of the example: 70,000 entries', () => {
    // C2SP tlog-tiles: 273 full tiles and one of 112 at level 0, one full and one of 17 at level 1, one of 1 at level 2.
    expect([widthIn(70_000, 0, 272), widthIn(70_000, 0, 273), widthIn(70_000, 0, 274)]).toEqual([256, 112, 0]);
    expect([widthIn(70_000, 1, 0), widthIn(70_000, 1, 1), widthIn(70_000, 2, 0)]).toEqual([256, 17, 1]);
  });

  it.each(['tile/0/000', 'tile/63/x001/000', 'tile/entries/x001/x234/067.p/255'])('knows %s', (path) => {
    expect(isTilePath(path)).toBe(true);
  });
  it.each([
    'checkpoint',
    'commits/commit.1',
    'tile/64/000',
    'tile/0/00',
    'tile/0/x000/001',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/0/../../keys',
    'tile/00/000',
    '/tile/0/000',
  ])('knows no %s', (path) => {
    expect(isTilePath(path)).toBe(false);
  });

  it('bundles entries after their lengths', () => {
    const entries = ['', 'a', 'b'.repeat(300)].map((text) => Buffer.from(text));
    const bundle = bundleOf(entries);
    expect(bundle.subarray(0, 6).toString('hex')).toBe('0000000161' + '01');
    expect(entriesOf(bundle)).toEqual(entries);
    expect(() => entriesOf(bundle.subarray(0, -1))).toThrow(RangeError);
    expect(() => entriesOf(Buffer.from([0]))).toThrow(RangeError);
    expect(() => bundleOf([Buffer.alloc(65_536)])).toThrow(RangeError);
  });
});
