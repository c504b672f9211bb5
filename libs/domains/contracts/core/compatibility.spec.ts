import { comparedVersions, incompatibilities } from './compatibility';
import type { CompatibilityMode, ContractDefinition } from './contract';

const definition = (type: string, compatibility: CompatibilityMode) => ({
  schema: { type: 'object', properties: { x: { type } } } as ContractDefinition['schema'],
  nulls: 'as_schema' as const,
  mandatoryTags: [],
  upcast: [],
  compatibility,
});
/** The second version broke with the first, as mode `none` lets it. */
const earlier = [
  { version: 1, ...definition('string', 'none') },
  { version: 2, ...definition('integer', 'none') },
];

describe('a new version', () => {
  it('is held against the newest one, or against all where its mode is transitive', () => {
    expect(incompatibilities(definition('number', 'backward'), earlier)).toEqual([]);
    expect(incompatibilities(definition('number', 'backward_transitive'), earlier)).toMatchObject([
      { against: 1, direction: 'backward', path: '/x' },
    ]);
    expect(incompatibilities(definition('number', 'forward_transitive'), earlier)).toMatchObject([
      { against: 1, direction: 'forward', path: '/x' },
      { against: 2, direction: 'forward', path: '/x' },
    ]);
    expect(incompatibilities(definition('number', 'full_transitive'), earlier)).toHaveLength(3);
    expect(incompatibilities(definition('number', 'none'), earlier)).toEqual([]);
  });

  it('names the versions that it is held against', () => {
    const versions = (mode: CompatibilityMode) => comparedVersions(mode, earlier).map(({ version }) => version);
    expect([versions('none'), versions('full'), versions('full_transitive')]).toEqual([[], [2], [1, 2]]);
  });
});
