import { ProblemError, type Problem } from './api-client';

/** An error in words for a terminal. */
export function explain(error: unknown): string {
  if (error instanceof ProblemError) return problemText(error.problem);
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** Members that the text below shows in its own way, or that say nothing to a person. */
const SHOWN = new Set(['type', 'title', 'status', 'code', 'detail', 'errors', 'retryable', 'instance', 'requestId']);

function problemText(problem: Problem): string {
  const { status, code, detail, errors = [], requestId } = problem;
  const fields = errors.map(({ field, reason }) => `  ${field === '' ? 'the body' : field}: ${reason}`);
  const more = Object.entries(problem)
    .filter(([name, value]) => !SHOWN.has(name) && value !== undefined)
    .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const hint = HINTS[code];
  return [
    `refused (${status} ${code}): ${detail}`,
    ...fields,
    ...more,
    ...(hint === undefined ? [] : [`  ${hint}`]),
    ...(status >= 500 && requestId !== undefined ? [`  request id: ${requestId}`] : []),
  ].join('\n');
}

const HINTS: Readonly<Record<string, string>> = {
  key_missing:
    'give one with --key, --key-file, HOLDFAST_KEY or HOLDFAST_KEY_FILE; `holdfast up` prints where its first key is',
};
