import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveSignalsToNest } from '@holdfast/platform/temporal';
import { bundlePath } from '@holdfast/platform/temporal/bundle';
import { catalog } from '@holdfast/workflows/catalog';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';

/**
 * Histories of real runs, replayed on the workflows as they are built now: a change that would break a run that has begun fails here. Record them anew,
 * after a change that no running workflow has to survive, with
 *
 *     HOLDFAST_RECORD_HISTORIES=1 npx jest --selectProjects workflow
 *
 * and read the difference before you commit it.
 */
const recorded = Object.keys(catalog).map((workflow) => {
  let files: string[] = [];
  try {
    files = readdirSync(join(__dirname, workflow)).filter((name) => name.endsWith('.json'));
  } catch {
    // none recorded: the test below says so
  }
  return { workflow, files };
});
const textOf = (workflow: string, file: string): string => readFileSync(join(__dirname, workflow, file), 'utf8');

const historyIn = (text: string) => historyFromJSON(JSON.parse(text));

/** What a payload of a history holds; they are base64 there. */
function* payloadsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* payloadsIn(one);
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      if (name === 'data' && typeof one === 'string') yield Buffer.from(one, 'base64').toString('utf8');
      else yield* payloadsIn(one);
    }
}

beforeAll(() => leaveSignalsToNest()); // also keeps the SDK from logging every step

describe.each(recorded)('recorded runs of $workflow', ({ workflow, files }) => {
  it('exist', () => {
    expect([workflow, files.length > 0]).toEqual([workflow, true]);
  });

  it('replay on the workflow as it is now', async () => {
    const histories = files.map((file) => ({
      workflowId: file,
      history: historyIn(textOf(workflow, file)),
    }));
    const wrong: string[] = [];
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle: { codePath: bundlePath } },
      histories,
    )) {
      replayed += 1;
      if (error) wrong.push(`${workflow}/${workflowId}: ${error.message}`);
    }
    expect(wrong).toEqual([]);
    expect(replayed).toBe(files.length);
  });

  it('began as this workflow, and came to an end', () => {
    for (const file of files) {
      const { events } = historyFromJSON(JSON.parse(textOf(workflow, file)));
      expect(events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name).toBe(workflow);
      const last = events?.at(-1);
      const ended =
        last?.workflowExecutionCompletedEventAttributes ??
        last?.workflowExecutionContinuedAsNewEventAttributes ??
        last?.workflowExecutionFailedEventAttributes;
      expect([file, (ended ?? undefined) !== undefined]).toEqual([file, true]);
    }
  });

  it('say nothing of the machine that they were recorded on', () => {
    for (const file of files) expect([file, textOf(workflow, file).includes('stackTrace')]).toEqual([file, false]);
  });

  it('hold references, and nothing that people or systems wrote', () => {
    for (const file of files)
      for (const text of payloadsIn(JSON.parse(textOf(workflow, file)))) {
        expect([file, text.length < 2_000]).toEqual([file, true]);
        // Keys of orders, fields of data and reasons of the recording tests.
        expect([file, /key-\d|order-1|amount|a test order|known at the ERP|canary/.exec(text)?.[0]]).toEqual([
          file,
          undefined,
        ]);
      }
  });
});

it('there are no recorded runs of workflows that do not exist', () => {
  const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !Object.hasOwn(catalog, name))).toEqual([]);
});

it.each([
  ['another activity', 'reconcileWindow.judge', 'reconcileWindow.guess'],
  ['another child', '"resolveWindow"', '"resolveOther"'],
  ['another end', 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED'],
])('a run with %s than the workflow asks for is noticed', async (_, asked, done) => {
  const text = textOf('reconcileWindow', 'gaps-healed.json');
  expect(text).toContain(asked);
  const replay = Worker.runReplayHistory(
    { workflowBundle: { codePath: bundlePath } },
    historyIn(text.replaceAll(asked, done)),
  );
  await expect(replay).rejects.toThrow(DeterminismViolationError);
});
