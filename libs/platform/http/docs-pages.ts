import { meaning } from '@holdfast/platform/errors';
import type { ProblemCode } from './problem-codes';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one]!);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}
td{padding:.2em 1em .2em 0;vertical-align:top}</style></head><body>${body}</body></html>`;

const statusOf = ({ kind }: ProblemCode): number => (kind === 'internal' ? 500 : meaning[kind].status);

export const problemPage = (problem: ProblemCode): string =>
  page(
    problem.code,
    `<p>${statusOf(problem)}</p><h1><code>${escape(problem.code)}</code></h1><p>${escape(problem.meaning)}</p>
<h2>What to do</h2><p>${escape(problem.whatToDo)}</p><p><a href="../problems">All codes</a></p>`,
  );

export const problemsPage = (problems: readonly ProblemCode[]): string =>
  page(
    'Problems',
    `<h1>Problems</h1><p>Every error is answered as <code>application/problem+json</code> with one of these codes.</p><table>${[
      ...problems,
    ]
      .sort((a, b) => a.code.localeCompare(b.code))
      .map(
        (one) =>
          `<tr><td><a href="problems/${escape(one.code)}"><code>${escape(one.code)}</code></a></td><td>${statusOf(one)}</td><td>${escape(one.meaning)}</td></tr>`,
      )
      .join('')}</table>`,
  );

/** Addresses are relative, so that the page works behind a proxy with a path. */
export const docsPage = (): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Holdfast API</title>
<link rel="stylesheet" href="docs/swagger-ui.css"><link rel="icon" type="image/png" href="docs/favicon-32x32.png"></head>
<body><div id="page"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body></html>`;

export const START_SCRIPT =
  "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null, tryItOutEnabled: true });\n";
