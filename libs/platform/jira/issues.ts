import { call, DeliveryError, type Call } from '@holdfast/platform/delivery';
import { z } from 'zod';
import { documentOf } from './document';

/** A site of Jira Cloud, REST API version 3. */
export interface JiraSite {
  /** Such as https://example.atlassian.net. */
  readonly url: string;
  /** `mail address:API token`. */
  readonly login: string;
  /** For one call, in milliseconds. */
  readonly timeoutMs: number;
}

export interface NewIssue {
  readonly project: string;
  readonly issueType: string;
  /** At most 255 characters. */
  readonly summary: string;
  /** Paragraphs, see document.ts. */
  readonly description: readonly object[];
  readonly labels: readonly string[];
  readonly priority?: string | undefined;
}

const Created = z.object({ key: z.string() });
const Found = z.object({ issues: z.array(z.object({ key: z.string() })) });
const Status = z.object({ fields: z.object({ status: z.object({ statusCategory: z.object({ key: z.string() }) }) }) });
const Transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      to: z.object({ statusCategory: z.object({ key: z.string() }).optional() }).optional(),
    }),
  ),
});

/**
 * An issue of a project that has a label. Jira's index is some seconds behind: one that was made a moment ago may not be found.
 * @param label letters, digits and - only
 * @throws DeliveryError
 */
export async function findIssue(site: JiraSite, project: string, label: string): Promise<string | undefined> {
  const jql = `project = "${project}" AND labels = "${label}"`;
  const answer = await ask(site, Found, { path: 'search/jql', body: { jql, maxResults: 1, fields: ['status'] } });
  return answer.issues[0]?.key;
}

/** Not idempotent. @returns its key @throws DeliveryError */
export async function createIssue(site: JiraSite, issue: NewIssue): Promise<string> {
  const { project, issueType, summary, description, labels, priority } = issue;
  const fields = {
    project: { key: project },
    issuetype: { name: issueType },
    summary,
    description: documentOf(description),
    labels,
    ...(priority !== undefined && { priority: { name: priority } }),
  };
  return (await ask(site, Created, { path: 'issue', body: { fields } })).key;
}

/** Not idempotent. @throws DeliveryError */
export async function comment(site: JiraSite, key: string, paragraphs: readonly object[]): Promise<void> {
  const path = `issue/${encodeURIComponent(key)}/comment`;
  await ask(site, z.unknown(), { path, body: { body: documentOf(paragraphs) } });
}

/**
 * Takes an issue to its end, unless it is there already: by the transition of a name, or the first that leads to a status of the category `done`.
 * @returns whether it was not there yet
 * @throws DeliveryError, `refused` where there is no such transition from where the issue is
 */
export async function endIssue(site: JiraSite, key: string, name: string | undefined): Promise<boolean> {
  const path = `issue/${encodeURIComponent(key)}`;
  const { fields } = await ask(site, Status, { path: `${path}?fields=status`, method: 'GET' });
  if (fields.status.statusCategory.key === 'done') return false;
  const { transitions } = await ask(site, Transitions, { path: `${path}/transitions`, method: 'GET' });
  const found = transitions.find((one) =>
    name === undefined ? one.to?.statusCategory?.key === 'done' : one.name === name,
  );
  if (!found) throw new DeliveryError('refused', 'no transition ends the issue', { code: 'no_transition' });
  await ask(site, z.unknown(), { path: `${path}/transitions`, body: { transition: { id: found.id } } });
  return true;
}

async function ask<T>(
  { url, login, timeoutMs }: JiraSite,
  schema: z.ZodType<T>,
  { path, ...rest }: { readonly path: string } & Pick<Call, 'method' | 'body'>,
): Promise<T> {
  const { body, status } = await call({
    url: new URL(`/rest/api/3/${path}`, url).href,
    headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    timeoutMs,
    ...rest,
  });
  const answer = schema.safeParse(body);
  if (!answer.success) throw new DeliveryError('failing', 'Jira answered with something else', { status });
  return answer.data;
}
