import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { formatInstant } from '@holdfast/kernel';
import { ACCOUNT_PARTS, type Account, accountOf } from '../../apps/cli/account';
import type { Page } from '../../apps/cli/api-client';
import { type Line, Streamed } from '../intake/streamed';
import { type AccountModel, type Said, tagOf, takeAll, Worlds } from './intake-model';
import { DAY, eventually, type Stage } from './stage';

export const PROCESS = 'scheduled-orders';
/** A type whose contract wants amounts of at least 0, and quarantines what has others. */
export const TYPE = 'scheduled.order';

export type Victim = 'api' | 'clickhouse';
/** A kill -9 while a step is under way, so many milliseconds after it began. */
export interface Crash {
  readonly victim: Victim;
  readonly afterMs: number;
}
export type Step =
  | { readonly kind: 'send'; readonly records: readonly Said[]; readonly crash: Crash | undefined }
  | {
      readonly kind: 'stream';
      readonly records: readonly Said[];
      /** How many records are written at a time. */
      readonly slice: number;
      /** The sender leaves when so many were acknowledged. */
      readonly cutAt: number | undefined;
      readonly crash: Crash | undefined;
    }
  | { readonly kind: 'mend'; readonly nth: number; readonly amount: number; readonly crash: Crash | undefined }
  | { readonly kind: 'discard'; readonly nth: number; readonly crash: Crash | undefined }
  | { readonly kind: 'restart'; readonly victim: Victim };

export function textOf(source: string, said: Said): string {
  const { id, attempt, moved, fault } = said;
  const fields = {
    id: `${id}`,
    source,
    process: PROCESS,
    stage: fault === 'unknown-stage' ? 'moon' : 'shop',
    ...(fault !== 'no-key' && { key: `${source}-${id}${moved ? '-moved' : ''}` }),
    type: TYPE,
    attempt,
    occurredAt: `${DAY}T12:00:00Z`,
    originAt: `${DAY}T12:00:00Z`,
  };
  return `${JSON.stringify(fields).slice(0, -1)},"data":${dataOf(said)}}`;
}

const dataOf = (said: Said): string =>
  said.reworded
    ? `{ "tag": "${tagOf(said)}", "amount": ${said.amount}.0 }`
    : `{"amount":${said.amount},"tag":"${tagOf(said)}"}`;

/** Plays one schedule from a source of its own, and holds what the API answers and the engine holds against the model. */
export class IntakePlayer {
  private worlds = Worlds.one();
  readonly crashes: Victim[] = [];
  private readonly target: { readonly address: string; readonly key: string };

  constructor(
    private readonly stage: Stage,
    private readonly source: string,
  ) {
    this.target = { address: stage.stack.url, key: stage.stack.adminKey() };
  }

  async play(step: Step): Promise<void> {
    const before = this.worlds.toString();
    try {
      await this.carryOut(step);
      await this.stage.stack.ready(180_000);
      await this.observe();
    } catch (error) {
      throw new Error(`in step ${JSON.stringify(step)}\nbefore it: ${before}`, { cause: error });
    }
  }

  /** Kills the API, so that nothing is under way any more: everything is known then. */
  async end(): Promise<void> {
    await this.kill('api');
    this.worlds = this.worlds.withoutPending();
    await this.observe();
    if (this.worlds.count !== 1) throw new Error(`the end may be one of several: ${this.worlds.toString()}`);
    expect(await this.waiting()).toHaveLength(this.worlds.model.waiting().length);
    expect(this.worlds.model.account.received).toBeGreaterThan(0);
  }

  private async carryOut(step: Step): Promise<void> {
    switch (step.kind) {
      case 'send':
        return this.send(step.records, step.crash);
      case 'stream':
        return this.stream(step);
      case 'restart':
        await this.kill(step.victim);
        if (step.victim === 'api') this.worlds = this.worlds.withoutPending();
        return;
      default:
        return this.steward(step);
    }
  }

  /** One body, sent until it is answered. */
  private async send(records: readonly Said[], crash?: Crash): Promise<void> {
    let crashing = this.crashWhile(crash);
    for (;;) {
      this.worlds = this.worlds.settled();
      const answer = await this.post(records);
      if (answer) {
        this.keep('the answer to a body', (model) => isEqual(takenBy(model, records), answer));
        break;
      }
      this.worlds = this.worlds.afterAllOrNothing(records);
      await crashing;
      crashing = Promise.resolve();
      await this.stage.stack.ready(180_000);
    }
    await crashing;
  }

  /** A streamed body; where it ends early, what was not acknowledged is sent again. */
  private async stream({ records, slice, cutAt, crash }: Extract<Step, { kind: 'stream' }>): Promise<void> {
    this.worlds = this.worlds.settled();
    const body = Streamed.open(this.target);
    const crashing = this.crashWhile(crash);
    let ended = false;
    void body.ended.then(() => (ended = true));
    let sent = 0;
    const enough = cutAt === undefined ? records.length : Math.min(cutAt, records.length);
    while (sent < enough && !ended) {
      const some = records.slice(sent, sent + slice);
      sent += some.length;
      await Promise.race([body.send(some.map((one) => textOf(this.source, one))), body.ended]);
      // The next slice follows when this one is durable: the body has several batches.
      await Promise.race([body.line(({ acknowledged = 0 }) => (acknowledged as number) >= sent), body.ended]);
    }
    const isCut = cutAt !== undefined && cutAt < records.length && !ended;
    if (isCut) {
      await body.send(records.slice(sent).map((one) => textOf(this.source, one)));
      sent = records.length;
      body.cut();
    }
    const last = isCut ? undefined : await body.finish().catch(() => undefined);
    await body.ended;
    this.heard(body.lines, records);
    const acknowledged = body.acknowledged;
    const rest = records.slice(acknowledged);
    if (last?.['done'] !== undefined) {
      this.keep('the receipt of a stream', (model) => takeAll(model, rest));
      expect(countsOf(last['done'])).toEqual(countsOf(body.lines.findLast((line) => 'acknowledged' in line)));
    } else if (isCut) {
      this.worlds = this.worlds.withPending(rest);
    } else {
      this.worlds = this.worlds.afterSome(records.slice(acknowledged, sent));
    }
    await crashing;
    if (crash?.victim === 'api') this.worlds = this.worlds.withoutPending();
    await this.stage.stack.ready(180_000);
    if (rest.length > 0 && last?.['done'] === undefined) await this.send(rest);
  }

  /** Each line that acknowledges says what everything up to it came to. */
  private heard(lines: readonly Line[], records: readonly Said[]): void {
    let before = 0;
    let counted = accountOf(() => 0);
    for (const line of lines) {
      if (!('acknowledged' in line)) continue;
      const some = records.slice(before, line['acknowledged'] as number);
      const told = countsOf(line);
      const came = accountOf((part) => told[part] - counted[part]);
      this.keep('an acknowledgement', (model) => isEqual(takenBy(model, some), came));
      [before, counted] = [line['acknowledged'] as number, told];
    }
  }

  /** Mends a record that waits and has it replayed, or gives it up. */
  private async steward(step: Extract<Step, { kind: 'mend' | 'discard' }>): Promise<void> {
    await this.settle();
    const waiting = this.worlds.model.waiting();
    if (waiting.length === 0) return;
    const said = waiting[step.nth % waiting.length]!;
    const client = this.stage.client();
    const found = await this.waiting(dataOf(said));
    expect(found).toHaveLength(1);
    const select = { items: found };
    const crashing = this.crashWhile(step.crash);
    if (step.kind === 'discard') {
      await client.post('/v1/quarantine/discards', { select, reason: 'of no use' });
      this.keep('a discard', (model) => (model.discard(said), true));
    } else {
      const patch = [{ op: 'replace', path: '/data/amount', value: step.amount }];
      await client.post('/v1/quarantine/patches', { select, patch });
      const { id } = await client.post<{ id: string }>('/v1/quarantine/replays', { select });
      await eventually(`the replay ${id} is done`, async () => {
        const { state } = await client.get<{ state: string }>(`/v1/quarantine/replays/${id}`);
        return state === 'running' ? undefined : state;
      });
      this.keep('a replay', (model) => (model.mend(said, step.amount), true));
    }
    await crashing;
  }

  /** Leaves nothing pending, and one world, by ending the API where that is needed. */
  private async settle(): Promise<void> {
    if (this.worlds.count === 1 && !this.worlds.hasPending) return;
    await this.kill('api');
    this.worlds = this.worlds.withoutPending();
    await this.stage.stack.ready(180_000);
    await this.observe();
    expect(this.worlds.count).toBe(1);
  }

  /** Account and stored rows, as they are now. */
  private async observe(): Promise<void> {
    this.worlds = this.worlds.settled();
    const account = await this.account();
    this.keep(`the account ${JSON.stringify(account)}`, (model) => isEqual(model.account, account));
    this.worlds = this.worlds.settled();
    const { rows } = this.stage.engine;
    const params = { source: this.source };
    const found = await rows<{ record: string; copies: string }>(
      `SELECT concat(id, '/', toString(attempt)) AS record, count() AS copies FROM tracking_records
       WHERE source = {source:String} AND outcome = 'stored' GROUP BY record ORDER BY record`,
      params,
      { optimize_use_projections: 0 },
    );
    expect(found.filter(({ copies }) => copies !== '1')).toEqual([]);
    const stored = JSON.stringify(found.map(({ record }) => record).sort());
    this.keep(`the stored records ${stored}`, (model) => JSON.stringify(model.storedRecords()) === stored);
    // Each event counts once, whatever its attempts: the highest does.
    const counting = await rows<{ times: string }>(
      `SELECT sum(sign) AS times FROM tracking_records WHERE source = {source:String} GROUP BY id HAVING times != 0`,
      params,
      { optimize_use_projections: 0 },
    );
    expect(counting.filter(({ times }) => times !== '1')).toEqual([]);
    this.worlds = this.worlds.settled();
    this.keep('the events that count', (model) => model.storedEvents() === counting.length);
  }

  /** @throws Error when no way in which things may stand fits what was seen */
  private keep(seen: string, fits: (model: AccountModel) => boolean): void {
    const left = this.worlds.after(fits);
    if (left.count === 0)
      throw new Error(`${seen} was not promised by any of ${this.worlds.count}:\n${this.worlds.toString()}`);
    this.worlds = left;
  }

  private async account(): Promise<Account> {
    const second = (ms: number): string => formatInstant(Math.floor(ms / 1000) * 1_000_000);
    const [from, to] = [second(Date.now() - 86_400_000), second(Date.now() + 5_000)];
    return countsOf(await this.stage.client().get('/v1/intake', { source: this.source, from, to }));
  }

  /** Ids of the records that wait in quarantine. @param text occurs in them */
  private async waiting(text?: string): Promise<string[]> {
    const query = { source: this.source, state: 'waiting', limit: 1_000, text };
    const { items } = await this.stage.client().post<Page<{ item: string }>>('/v1/quarantine/search', query);
    return items.map(({ item }) => item);
  }

  /** @returns what a body came to; undefined when nobody knows */
  private post(records: readonly Said[]): Promise<Account | undefined> {
    const { address, key } = this.target;
    return new Promise((resolve) => {
      const sent = request(`${address}/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      });
      sent.on('error', () => resolve(undefined));
      sent.on('response', (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .on('error', () => resolve(undefined))
          .on('end', () => resolve(answer.statusCode === 503 ? undefined : countsOf(JSON.parse(text))));
      });
      sent.end(records.map((one) => `${textOf(this.source, one)}\n`).join(''));
    });
  }

  private async crashWhile(crash: Crash | undefined): Promise<void> {
    if (!crash) return;
    await pause(crash.afterMs);
    await this.kill(crash.victim);
  }

  private async kill(victim: Victim): Promise<void> {
    while (!this.stage.stack.kill(victim)) await pause(10); // one that is just starting again
    this.crashes.push(victim);
    await this.stage.stack.ready(180_000);
  }
}

const countsOf = (of: unknown): Account => accountOf((part) => (of as Account)[part]);
const isEqual = (a: Account, b: Account): boolean => ACCOUNT_PARTS.every((part) => a[part] === b[part]);

/** What records come to, which the model takes. */
function takenBy(model: AccountModel, records: readonly Said[]): Account {
  const before = { ...model.account };
  takeAll(model, records);
  return accountOf((part) => model.account[part] - before[part]);
}
