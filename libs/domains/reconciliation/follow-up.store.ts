import { Injectable } from '@nestjs/common';
import { ClickHouse, micros, typedQuery, uint64 } from '@holdfast/platform/clickhouse';
import type { Micros } from '@holdfast/kernel';
import { z } from 'zod';
import { fingerprintOf } from './core/digests';
import type { Followed } from './core/follow-up';
import type { VerdictState, Window } from './core/window';

const listEndedWindows = typedQuery(
  'reconciliation/list_ended_windows',
  z.object({
    afterProcess: z.string(),
    afterFrom: z.int(),
    afterTo: z.int(),
    since: z.int(),
    before: z.int(),
    limit: z.int(),
  }),
  z.object({ process: z.string(), from: micros, to: micros, reconciliation: z.string() }),
);
const listStandings = typedQuery(
  'reconciliation/list_standings',
  z.object({ reconciliations: z.array(z.string()) }),
  z.object({
    reconciliation: z.string(),
    revision: z.number(),
    state: z.string() as unknown as z.ZodType<VerdictState>,
    fingerprint: z.string(),
    judgedAt: micros,
    cancelled: z.coerce.boolean(),
    deadline: micros,
  }) satisfies z.ZodType<Followed>,
);
const sumDigestsOfWindows = typedQuery(
  'reconciliation/sum_digests_of_windows',
  z.object({
    process: z.string(),
    first: z.int(),
    last: z.int(),
    froms: z.array(z.int()),
    tos: z.array(z.int()),
  }),
  z.object({ from: micros, stage: z.string(), definition: z.number(), events: z.coerce.number(), digestSum: uint64 }),
);

/** Windows that ended in [since, before). */
export interface Span {
  readonly since: Micros;
  readonly before: Micros;
}
/** Windows whose standing is read at once. */
const AT_ONCE = 2_000;

/** What following windows reads: each question is about some windows, and costs the same however many there are beside them. */
@Injectable()
export class FollowUpStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** A page of windows by process and start. */
  ended({ since, before }: Span, after: Window, limit: number) {
    const place = { afterProcess: after.process, afterFrom: after.from, afterTo: after.to };
    return this.clickhouse.rows(listEndedWindows, { ...place, since, before, limit });
  }

  /** Those of the windows that have a verdict. */
  async standings(reconciliations: readonly string[]): Promise<Followed[]> {
    const found: Followed[] = [];
    for (let at = 0; at < reconciliations.length; at += AT_ONCE)
      found.push(
        ...(await this.clickhouse.rows(listStandings, { reconciliations: reconciliations.slice(at, at + AT_ONCE) })),
      );
    return found;
  }

  /** What each window of a run would be judged by now, in their order. @param run windows of one process that share no time, in order */
  async fingerprints(run: readonly [Window, ...Window[]]): Promise<string[]> {
    const digests = await this.clickhouse.rows(sumDigestsOfWindows, {
      process: run[0].process,
      first: run[0].from,
      last: run.at(-1)!.to,
      froms: run.map(({ from }) => from),
      tos: run.map(({ to }) => to),
    });
    const byWindow = new Map(run.map(({ from }) => [from, [] as typeof digests]));
    for (const digest of digests) byWindow.get(digest.from)?.push(digest);
    return [...byWindow.values()].map(fingerprintOf);
  }
}
