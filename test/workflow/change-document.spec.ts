import { RegisterActivities } from '@holdfast/domains/register/register.activities';
import { RegisterService, type DocumentKind } from '@holdfast/domains/register/register.service';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { DomainError } from '@holdfast/kernel';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { startTimeSkipping } from '@holdfast/platform/testing/temporal';
import { changeDocument } from '@holdfast/workflows/register/change-document/contract';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import { keep, startStage, type Stage } from './stage';

let env: TestWorkflowEnvironment;
let stage: Stage;
let register: RegisterService;
let documents = 0;

beforeAll(async () => {
  leaveSignalsToNest();
  env = await startTimeSkipping();
  stage = await startStage(env.address);
  register = stage.api.app.get(RegisterService, { strict: false });
});
afterAll(async () => {
  await stage?.stop();
  await env?.teardown();
});

interface Note {
  readonly text: string;
}
const NOTE: DocumentKind<Note> = { kind: 'note', body: z.object({ text: z.string() }) };
const newId = (): string => `note-${(documents += 1)}`;
const runOf = (id: string) => stage.client.workflow.getHandle(changeDocument.id({ kind: 'note', id } as never));
const change = (id: string, text: string, expected: Parameters<RegisterService['change']>[3], by = 'ann') =>
  register.change(NOTE, id, { text }, expected, by, Date.now() * 1000);
/** What became of each: its version, or the code of its refusal. */
const outcomes = async (changes: Promise<number>[]): Promise<(number | string)[]> =>
  (await Promise.allSettled(changes)).map((one) => {
    if (one.status === 'fulfilled') return one.value;
    expect(one.reason).toBeInstanceOf(DomainError);
    return (one.reason as DomainError).code;
  });
const history = async (id: string) =>
  (await register.history(NOTE, id, 1_000, 100)).map(
    ({ version, body, changedBy }) => `${version} ${body.text} ${changedBy}`,
  );

describe('a document', () => {
  it('of writers that all create it is made by one', async () => {
    const id = newId();
    const found = await outcomes(['a', 'b', 'c', 'd', 'e'].map((text) => change(id, text, 'none', text)));
    expect(found.filter((one) => one === 1)).toHaveLength(1);
    expect(found.filter((one) => one === 'document_exists')).toHaveLength(4);
    expect(await history(id)).toHaveLength(1);
  });

  it('of writers that saw the same version is changed by one', async () => {
    const id = newId();
    await change(id, 'first', 'none');
    const found = await outcomes(['a', 'b', 'c', 'd'].map((text) => change(id, text, { version: 1 }, text)));
    expect(found.filter((one) => one === 2)).toHaveLength(1);
    expect(found.filter((one) => one === 'version_mismatch')).toHaveLength(3);
    const winner = (await register.get(NOTE, id)).body.text;
    expect(await history(id)).toEqual([`2 ${winner} ${winner}`, '1 first ann']);
  });

  it('keeps every version of writers that take what is there', async () => {
    const id = newId();
    await change(id, 'first', 'none');
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
    const found = await outcomes(texts.map((text) => change(id, text, 'any')));
    expect([...found].sort()).toEqual([2, 3, 4, 5, 6, 7]);
    const versions = await register.history(NOTE, id, 1_000, 100);
    expect(versions.map(({ version }) => version)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    for (const [index, text] of texts.entries())
      expect(versions.find(({ version }) => version === found[index])?.body.text).toBe(text);
  });

  it('asks a writer what it saw, and refuses what cannot be', async () => {
    const id = newId();
    await expect(change(id, 'a', { version: 3 })).rejects.toMatchObject({ code: 'version_mismatch' });
    await expect(change(id, 'a', 'any')).rejects.toMatchObject({ code: 'document_missing' });
    expect(await change(id, 'a', 'unstated')).toBe(1);
    await expect(change(id, 'b', 'unstated')).rejects.toMatchObject({
      kind: 'precondition_required',
      code: 'precondition_required',
    });
    await keep(runOf(id), changeDocument.name, 'refused');
    expect(await history(id)).toEqual(['1 a ann']);
  });

  it('gets no version for a body that it has already', async () => {
    const id = newId();
    expect(await change(id, 'same', 'none')).toBe(1);
    expect(await change(id, 'same', { version: 1 }, 'bob')).toBe(1);
    expect(await change(id, 'same', 'unstated', 'bob')).toBe(1);
    expect(await history(id)).toEqual(['1 same ann']);
  });

  it('gets one version of a change whose step is repeated', async () => {
    const id = newId();
    const store = stage.worker.get(RegisterStore, { strict: false });
    const step = stage.worker.get(RegisterActivities, { strict: false });
    await store.propose('note', id, 'proposal-1', { body: '{"text":"a"}', by: 'ann', at: Date.now() * 1000 });
    const asked = { kind: 'note', id, proposal: 'proposal-1', expected: 'none' } as const;
    expect([await step.commit(asked), await step.commit(asked), await step.commit(asked)]).toEqual([1, 1, 1]);
    expect(await history(id)).toEqual(['1 a ann']);
    await expect(step.commit({ ...asked, proposal: 'no-such-proposal' })).rejects.toMatchObject({
      code: 'proposal_not_found',
    });
  });

  it('is not changed by a step that outlived its repeat and the changes after it', async () => {
    const id = newId();
    const store = stage.worker.get(RegisterStore, { strict: false });
    const step = stage.worker.get(RegisterActivities, { strict: false });
    await change(id, 'first', 'none');
    const old = { body: '{"text":"old"}', by: 'ann', at: Date.now() * 1000 };
    await store.propose('note', id, 'proposal-old', old);
    const asked = { kind: 'note', id, proposal: 'proposal-old', expected: 'any' } as const;
    expect(await step.commit(asked)).toBe(2);
    expect(await change(id, 'newest', 'any')).toBe(3);
    expect(await step.commit(asked)).toBe(2);
    await expect(store.append('note', id, 4, 'proposal-old', old, AbortSignal.abort())).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(await history(id)).toEqual(['3 newest ann', '2 old ann', '1 first ann']);
  });

  it('is changed by the repeat of a step that ran out of time, which is broken off', async () => {
    const id = newId();
    // Every module has a store of its own: that of the step.
    const step = stage.worker.get(RegisterActivities, { strict: false });
    const store = Reflect.get(step, 'store') as RegisterStore;
    const append = store.append.bind(store);
    const brokenOff = new Promise<void>((resolve) => {
      store.append = (...[, , , , , signal]) => {
        store.append = append;
        return new Promise((_, reject) =>
          signal!.addEventListener('abort', () => {
            resolve();
            reject(new Error('broken off'));
          }),
        );
      };
    });
    expect(await change(id, 'first', 'none')).toBe(1);
    await brokenOff;
    expect(await history(id)).toEqual(['1 first ann']);
  });

  it('is nowhere in the history of its change', async () => {
    const id = newId();
    await change(id, 'canary-of-a-body', 'none');
    const payloads = JSON.stringify(await runOf(id).fetchHistory(), (name, value: unknown) =>
      name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
    );
    expect(payloads).toContain(id);
    expect(payloads).not.toContain('canary-of-a-body');
    await keep(runOf(id), changeDocument.name, 'changed');
  });
});
