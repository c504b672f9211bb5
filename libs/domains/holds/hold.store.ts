import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { z } from 'zod';
import { HOLD_STATES, type HoldTerms, type HoldVersion } from './core/hold';
import { kindOf, namesIn, type HoldScope, type ScopeKind } from './core/scope';

const text = z.string();
const KINDS = ['everything', 'process', 'keys', 'subject', 'query'] as const satisfies readonly ScopeKind[];
const Stored = z.object({
  hold: text,
  version: z.number(),
  state: z.enum(HOLD_STATES),
  terms: text,
  proposal: text,
  reason: text,
  by: text,
  at: micros,
});
const findStanding = typedQuery('holds/find_standing', z.object({}), z.object({ versions: text }));
const listStanding = typedQuery(
  'holds/list_standing',
  z.object({}),
  z.object({
    hold: text,
    version: z.number(),
    kind: z.enum(KINDS),
    processes: z.array(text),
    scope: text,
    classes: z.array(text),
  }),
);
const listHolds = typedQuery(
  'holds/list_holds',
  z.object({ openOnly: z.boolean(), after: text, limit: z.int() }),
  Stored.extend({ since: micros }),
);
const listVersions = typedQuery('holds/list_versions', z.object({ hold: text }), Stored);
const listHoldsOfKey = typedQuery(
  'holds/list_holds_of_key',
  z.object({ process: text, key: text }),
  z.object({ hold: text }),
);

const HoldRow = z.object({
  hold: text,
  version: z.int(),
  state: text,
  kind: text,
  processes: z.array(text),
  matter: text,
  counsel: text,
  terms: text,
  proposal: text,
  reason: text,
  changed_by: text,
  changed_at: text,
});
const NameRow = z.object({ process: text, name: text, hold: text, version: z.int() });

/** A hold that is in force, as a deletion needs to know it. */
export interface StandingHold {
  readonly hold: string;
  readonly version: number;
  readonly kind: ScopeKind;
  /** Of kind `process`. */
  readonly processes: readonly string[];
  /** Where the scope says classes: records of others are not held. */
  readonly classes: readonly string[];
  /** Of kind `query`. */
  readonly scope: HoldScope | undefined;
}

/** The tables of holds. Reads see what was written before them, on every replica. */
@Injectable()
export class HoldStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** A text that differs after every new version of any hold. */
  async standing(): Promise<string> {
    return (await this.clickhouse.row(findStanding, {}))?.versions ?? '';
  }

  /** Every hold that is in force. */
  async inForce(): Promise<StandingHold[]> {
    const rows = await this.clickhouse.rows(listStanding, {});
    return rows.map(({ scope, ...one }) => ({
      ...one,
      scope: one.kind === 'query' ? (JSON.parse(scope) as HoldScope) : undefined,
    }));
  }

  /** The newest version of each, by id; `since`: when it was first in force, 0 for never. */
  async list(openOnly: boolean, after: string, limit: number): Promise<(HoldVersion & { readonly since: Micros })[]> {
    const rows = await this.clickhouse.rows(listHolds, { openOnly, after, limit });
    return rows.map(({ since, ...row }) => ({ ...versionOf(row), since }));
  }

  /** Newest first. */
  async versions(hold: string): Promise<HoldVersion[]> {
    return (await this.clickhouse.rows(listVersions, { hold })).map(versionOf);
  }

  /** Ids of holds in force that hold a key by look-up. */
  async ofKey(process: string, key: string): Promise<string[]> {
    return (await this.clickhouse.rows(listHoldsOfKey, { process, key })).map(({ hold }) => hold);
  }

  /** Idempotent. In force, where its state is, when this returns: its names are there before it is. */
  async append({ hold, version, state, terms, proposal, reason, by, at }: HoldVersion): Promise<void> {
    const kind = kindOf(terms.scope);
    const names = namesIn(terms.scope).map((one) => ({ ...one, hold, version }));
    await this.clickhouse.insert('hold_names', NameRow, names, { everywhere: true });
    const row = {
      ...{ hold, version, state, kind, matter: terms.matter, counsel: terms.counsel, proposal, reason },
      processes: kind === 'process' ? [...terms.scope.processes!] : [],
      terms: JSON.stringify(terms),
      changed_by: by,
      changed_at: formatInstant(at),
    };
    await this.clickhouse.insert('holds', HoldRow, [row], { everywhere: true });
  }
}

const versionOf = ({ terms, ...row }: z.output<typeof Stored>): HoldVersion => ({
  ...row,
  terms: JSON.parse(terms) as HoldTerms,
});
