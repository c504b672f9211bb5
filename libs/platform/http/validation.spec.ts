import type { DomainError } from '@holdfast/kernel';
import { z } from 'zod';
import { fieldProblems, ValidationPipe } from './validation';

describe('validation', () => {
  const pipe = new ValidationPipe();
  const check = (schema: z.ZodType, value: unknown, data?: string) =>
    pipe.transform(value, { schema, type: data ? 'param' : 'body', data }).then(
      () => undefined,
      (error: unknown) => error as DomainError,
    );

  it('hands on what the schema makes of the value', async () => {
    const schema = z.strictObject({ limit: z.coerce.number() });
    await expect(pipe.transform({ limit: '3' }, { schema, type: 'query' })).resolves.toEqual({ limit: 3 });
    await expect(pipe.transform('x', { type: 'body' })).resolves.toBe('x');
  });

  it('lists every problem by its path, and never the value', async () => {
    const schema = z.strictObject({
      stages: z.array(z.strictObject({ id: z.string().max(3), kind: z.enum(['source', 'target']) })),
      at: z.iso.datetime(),
    });
    const error = await check(schema, {
      stages: [
        { id: 'ok', kind: 'canary' },
        { id: 'canary', kind: 'source', 'extra.canary': 1 },
      ],
      at: 'canary',
      more: 'canary',
    });
    expect(error).toMatchObject({ kind: 'invalid', code: 'invalid_request' });
    const fields = error!.details.fields!;
    expect(fields.map(({ field }) => field).sort()).toEqual(
      ['at', 'more', 'stages.0.kind', 'stages.1.extra.canary', 'stages.1.id'].sort(),
    );
    expect(
      fields
        .filter(({ reason }) => reason === 'unrecognized')
        .map(({ field }) => field)
        .sort(),
    ).toEqual(['more', 'stages.1.extra.canary']);
    expect(fields.map(({ reason }) => reason).join() + error!.message).not.toContain('canary');
  });

  it('names a path parameter, and the whole where there is no path', async () => {
    expect((await check(z.string().length(2), 'abc', 'id'))!.details.fields).toEqual([
      { field: 'id', reason: expect.any(String) },
    ]);
    expect((await check(z.strictObject({}), undefined))!.details.fields).toEqual([
      { field: 'body', reason: expect.stringContaining('object') },
    ]);
  });

  it('tells of a union what the nearest alternative misses', () => {
    const schema = z.union([z.number(), z.strictObject({ kind: z.literal('absolute'), value: z.number() })]);
    const { error } = schema.safeParse({ kind: 'absolute', value: 'x' });
    expect(fieldProblems(error!)).toEqual([{ field: 'value', reason: expect.stringContaining('number') }]);
  });

  it('bounds what it tells', async () => {
    const body = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`${'k'.repeat(1000)}${index}`, 1]));
    const { details } = (await check(z.strictObject({}), body))!;
    expect(details.fields).toHaveLength(100);
    expect(details.extra).toEqual({ moreErrors: 150 });
    expect(details.fields![0]!.field.length).toBeLessThan(210);
  });
});
