import { meaning } from '@holdfast/platform/errors';
import { htmlPage, htmlText } from './html-page';
import type { ProblemCode } from './problem-codes';

const statusOf = ({ kind }: ProblemCode): number => (kind === 'internal' ? 500 : meaning[kind].status);

export const problemPage = (problem: ProblemCode): string =>
  htmlPage(
    problem.code,
    `<p>${statusOf(problem)}</p><h1><code>${htmlText(problem.code)}</code></h1><p>${htmlText(problem.meaning)}</p>
<h2>What to do</h2><p>${htmlText(problem.whatToDo)}</p><p><a href="../problems">All codes</a></p>`,
  );

export const problemsPage = (problems: readonly ProblemCode[]): string =>
  htmlPage(
    'Problems',
    `<h1>Problems</h1><p>Every error is answered as <code>application/problem+json</code> with one of these codes.</p><table>${[
      ...problems,
    ]
      .sort((a, b) => a.code.localeCompare(b.code))
      .map(
        (one) =>
          `<tr><td><a href="problems/${htmlText(one.code)}"><code>${htmlText(one.code)}</code></a></td><td>${statusOf(one)}</td><td>${htmlText(one.meaning)}</td></tr>`,
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
