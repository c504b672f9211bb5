import { Inject, Injectable } from '@nestjs/common';
import { ClickHouse } from '@holdfast/platform/clickhouse';
import { Client } from '@temporalio/client';

/** Something that a process needs to do its work. */
export interface ReadinessProbe {
  readonly name: string;
  /** Resolves when it can be used, rejects when not. Need not limit its own time. */
  check(): Promise<void>;
}

@Injectable()
export class ClickHouseProbe implements ReadinessProbe {
  readonly name = 'clickhouse';
  constructor(@Inject(ClickHouse) private readonly clickhouse: ClickHouse) {}
  check(): Promise<void> {
    return this.clickhouse.ping();
  }
}

@Injectable()
export class TemporalProbe implements ReadinessProbe {
  readonly name = 'temporal';
  constructor(@Inject(Client) private readonly client: Client) {}
  async check(): Promise<void> {
    const { connection } = this.client;
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}));
  }
}
