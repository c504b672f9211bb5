/** What an entry is of. `log` is what the audit log does itself. */
export const KINDS = ['access', 'query', 'export', 'change', 'decision', 'refusal', 'log'] as const;
export type EntryKind = (typeof KINDS)[number];

/** `intended`: it is about to be done; another entry, whose `intent` is this one's id, says what became of it. */
export const OUTCOMES = ['intended', 'success', 'failure', 'denied'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const ACTOR_KINDS = ['person', 'machine', 'system', 'unknown'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** What is told of an action. Texts are ids, names of routes and codes; never what people wrote, and of persons nothing beyond what the action is about. */
export interface Action {
  readonly kind: EntryKind;
  /** What was done: a route (`POST /v1/alerts/:id/acknowledge`), or a name with a dot (`hold.placed`). */
  readonly action: string;
  /** Id of the principal, or of the part of Holdfast that acts. */
  readonly actor: string;
  readonly actorKind: ActorKind;
  /** What it was done to. */
  readonly subject: { readonly kind: string; readonly id: string };
  readonly outcome: Outcome;
  /** Code of the problem where it failed or was denied. */
  readonly code?: string;
  /** Where the reason stands, such as the id of a decision; never the reason itself. */
  readonly reason?: string;
  /** Id of the request or workflow that it belongs to. */
  readonly request?: string;
  /** SHA-256 of the details, in hexadecimal digits: says later whether they are the ones. */
  readonly digest?: string;
  /** Id of the entry that announced it. */
  readonly intent?: string;
  /** How many equal ones it stands for. */
  readonly count?: number;
}

/** An action to be recorded. Entries of the same id are one, however often they are sent. */
export interface NewEntry extends Action {
  readonly id: string;
}

/** As it stands in the log. */
export interface Entry extends Required<Action> {
  readonly id: string;
  /** When the log took it, RFC 3339 in UTC. */
  readonly at: string;
}

/** Of the form of entries; another one gets another number. */
const VERSION = 1;

/**
 * The canonical text of an entry: RFC 8785. Its members are flat and written in order here; of texts that are well formed and safe integers JSON.stringify writes what
 * section 3.2.2 asks for.
 */
export function canonicalText(entry: NewEntry, at: string): string {
  const { kind, action, actor, actorKind, subject, outcome } = entry;
  const { code = '', reason = '', request = '', digest = '', intent = '', count = 1, id } = entry;
  return JSON.stringify({
    ...{ action, actor, actorKind, at, code, count, digest, id, intent, kind, outcome, reason, request },
    ...{ subjectId: subject.id, subjectKind: subject.kind, version: VERSION },
  });
}

/** An entry from its canonical text. @throws SyntaxError when it is none */
export function readEntry(text: string): Entry {
  const {
    subjectId,
    subjectKind,
    version: _,
    ...entry
  } = JSON.parse(text) as Omit<Entry, 'subject'> & {
    readonly subjectId: string;
    readonly subjectKind: string;
    readonly version: number;
  };
  return { ...entry, subject: { kind: subjectKind, id: subjectId } };
}

/** What the log says of itself when a writer has taken it over; its `code` is the number of the commit by which. */
export const OPENED = 'log.opened';
/** What says that an entry was erased; its subject is the entry's sequence. */
export const REDACTED = 'audit.redact';
