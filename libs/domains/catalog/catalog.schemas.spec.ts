import { ProcessDefinitionSchema } from './catalog.schemas';

describe('a process of which an observer keeps a share', () => {
  const definition = (retentionClass: string) => ({
    retentionClass,
    stages: [
      { id: 'shop', role: 'source' },
      { id: 'erp', role: 'target' },
      { id: 'cdn', role: 'observer', sampleRate: 0.1 },
    ],
  });

  it('is of a class that need not be kept whole', () => {
    expect(['standard', 'short'].map((one) => ProcessDefinitionSchema.safeParse(definition(one)).success)).toEqual([
      true,
      true,
    ]);
    for (const one of ['financial', 'audit'])
      expect(ProcessDefinitionSchema.safeParse(definition(one)).error?.issues).toMatchObject([{ path: ['stages'] }]);
  });
});
