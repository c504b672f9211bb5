import { Injectable } from '@nestjs/common';
import { formatInstant, type Micros } from '@holdfast/kernel';
import { ClickHouse, micros, typedQuery } from '@holdfast/platform/clickhouse';
import { z } from 'zod';
import type { Beats, Watch } from './core/heartbeat';

const text = z.string();
const Asked = z.object({ heartbeat: text });
const listBeats = typedQuery(
  'synthetics/list_beats',
  Asked,
  z.object({ heartbeat: text, beats: z.coerce.number(), lastAt: micros }),
);
const listWatches = typedQuery(
  'synthetics/list_watches',
  Asked,
  z.object({
    heartbeat: text,
    round: z.coerce.number(),
    beats: z.coerce.number(),
    watchedAt: micros,
    sinceAt: micros,
    silentFor: micros,
    alert: text,
  }),
);
const BeatRow = z.object({ heartbeat: text, beats: z.int(), last_at: text });
const WatchRow = z.object({
  heartbeat: text,
  round: z.int(),
  beats: z.int(),
  watched_at: text,
  since: text,
  silent_for: z.int(),
  alert: text,
});

/** Beats, and what was seen of their absence. */
@Injectable()
export class HeartbeatStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async beat(heartbeat: string, at: Micros): Promise<void> {
    await this.clickhouse.insert('heartbeat_beats', BeatRow, [{ heartbeat, beats: 1, last_at: formatInstant(at) }]);
  }

  /** @param heartbeat '': of all */
  async beats(heartbeat = ''): Promise<Map<string, Beats>> {
    const rows = await this.clickhouse.rows(listBeats, { heartbeat });
    return new Map(rows.map(({ heartbeat: id, ...beats }) => [id, beats]));
  }

  /** @param heartbeat '': of all */
  async watches(heartbeat = ''): Promise<Map<string, Watch>> {
    const rows = await this.clickhouse.rows(listWatches, { heartbeat });
    return new Map(rows.map(({ heartbeat: id, sinceAt, ...watch }) => [id, { ...watch, since: sinceAt }]));
  }

  async keep(watches: readonly (Watch & { readonly heartbeat: string })[]): Promise<void> {
    const rows = watches.map(({ watchedAt, since, silentFor, ...watch }) => ({
      ...watch,
      ...{ watched_at: formatInstant(watchedAt), since: formatInstant(since), silent_for: silentFor },
    }));
    await this.clickhouse.insert('heartbeat_watches', WatchRow, rows);
  }
}
