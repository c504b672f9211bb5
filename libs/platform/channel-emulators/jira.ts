import { z } from 'zod';
import { startVendorServer, type VendorAnswer, type VendorRequest, type VendorServer } from './vendor-server';

export interface EmulatedIssue {
  readonly key: string;
  readonly fields: z.output<typeof NewIssue>['fields'];
  readonly status: string;
  readonly comments: readonly unknown[];
}

/** Jira Cloud: REST API version 3, one project. */
export interface JiraEmulator extends VendorServer {
  issues(): readonly EmulatedIssue[];
  /** The index of searches: while it is behind, new issues are not found. */
  setIndexed(isIndexed: boolean): void;
}

/** The workflow of a company-managed project: every status is reached from every other. */
const STATUSES = [
  { id: '11', name: 'To Do', category: 'new' },
  { id: '21', name: 'In Progress', category: 'indeterminate' },
  { id: '31', name: 'Done', category: 'done' },
];
const Document = z.object({
  type: z.literal('doc'),
  version: z.literal(1),
  content: z.array(
    z.object({
      type: z.literal('paragraph'),
      content: z.array(
        z.object({
          type: z.literal('text'),
          text: z.string().min(1),
          marks: z.array(z.object({ type: z.literal('link'), attrs: z.object({ href: z.url() }) })).optional(),
        }),
      ),
    }),
  ),
});
const NewIssue = z.object({
  fields: z.object({
    project: z.object({ key: z.string() }),
    issuetype: z.object({ name: z.string() }),
    summary: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^\n]*$/),
    description: Document,
    labels: z.array(z.string().regex(/^\S+$/)),
    priority: z.object({ name: z.enum(['Highest', 'High', 'Medium', 'Low', 'Lowest']) }).optional(),
  }),
});
const categoryOf = (status: string): string => STATUSES.find(({ name }) => name === status)!.category;
const ok = (body: unknown, status = 200): VendorAnswer => ({ status, body });
const no = (status: number, ...errorMessages: string[]): VendorAnswer => ok({ errorMessages, errors: {} }, status);

/** Starts Jira on loopback. @param logins `mail address:token` that it takes */
export async function startJira(logins: readonly string[], project = 'OPS'): Promise<JiraEmulator> {
  const issues = new Map<string, EmulatedIssue>();
  const indexed = new Set<string>();
  let isIndexed = true;
  const authorised = logins.map((login) => `Basic ${Buffer.from(login).toString('base64')}`);

  function create(json: unknown): VendorAnswer {
    const parsed = NewIssue.safeParse(json);
    if (!parsed.success) return no(400, 'the issue is not valid');
    const { fields } = parsed.data;
    if (fields.project.key !== project)
      return ok({ errorMessages: [], errors: { project: 'valid project is required' } }, 400);
    const key = `${project}-${issues.size + 1}`;
    issues.set(key, { key, fields, status: 'To Do', comments: [] });
    if (isIndexed) indexed.add(key);
    return ok({ id: String(10_000 + issues.size), key, self: `/rest/api/3/issue/${10_000 + issues.size}` }, 201);
  }

  function search(json: unknown): VendorAnswer {
    const { jql = '' } = json as { jql?: string };
    const [, wanted, label] = /^project = "([A-Z0-9_]+)" AND labels = "([\w-]+)"$/.exec(jql) ?? [];
    if (label === undefined) return no(400, 'the JQL is not understood');
    const found = [...issues.values()].filter(
      ({ key, fields }) => wanted === project && indexed.has(key) && fields.labels.includes(label),
    );
    return ok({ issues: found.map(({ key }, index) => ({ id: String(index), key })), isLast: true });
  }

  function ofIssue(issue: EmulatedIssue, { method, json }: VendorRequest, what: string | undefined): VendorAnswer {
    if (what === 'comment' && method === 'POST') {
      const comment = z.object({ body: Document }).safeParse(json);
      if (!comment.success) return no(400, 'the comment is not valid');
      issues.set(issue.key, { ...issue, comments: [...issue.comments, comment.data.body] });
      return ok({ id: '10000' }, 201);
    }
    if (what === 'transitions' && method === 'GET') {
      const transitions = STATUSES.map(({ id, name, category }) => ({
        ...{ id, name },
        to: { name, statusCategory: { key: category } },
      }));
      return ok({ expand: 'transitions', transitions });
    }
    if (what === 'transitions' && method === 'POST') {
      const { transition } = json as { transition: { id: string } };
      const to = STATUSES.find(({ id }) => id === transition.id);
      if (!to) return no(400, 'it is not possible to make this transition');
      issues.set(issue.key, { ...issue, status: to.name });
      return { status: 204 };
    }
    if (what !== undefined || method !== 'GET') return no(405);
    const status = { name: issue.status, statusCategory: { key: categoryOf(issue.status) } };
    return ok({ key: issue.key, fields: { status } });
  }

  function serve(request: VendorRequest): VendorAnswer {
    const { method, path, headers, json } = request;
    if (!authorised.includes(headers['authorization'] ?? '')) return no(401, 'Client must be authenticated');
    if (method === 'POST' && path === '/rest/api/3/issue') return create(json);
    if (method === 'POST' && path === '/rest/api/3/search/jql') return search(json);
    const [, key, what] = /^\/rest\/api\/3\/issue\/([\w-]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const issue = issues.get(key ?? '');
    return issue
      ? ofIssue(issue, request, what)
      : no(404, 'Issue does not exist or you do not have permission to see it.');
  }

  const server = await startVendorServer(serve);
  return {
    ...server,
    issues: () => [...issues.values()],
    setIndexed(now) {
      isIndexed = now;
      if (now) for (const key of issues.keys()) indexed.add(key);
    },
  };
}
