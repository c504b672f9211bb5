import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@holdfast/platform/clickhouse/embedded-engine';

/** An engine that reads files, started when the first one is to be read; one for both sides. */
export class FileEngine {
  private started: Promise<EmbeddedClickHouse> | undefined;

  get(): Promise<EmbeddedClickHouse> {
    this.started ??= startEmbeddedClickHouse({ maxConcurrency: 4 });
    return this.started;
  }

  async stop(): Promise<void> {
    const engine = await this.started?.catch(() => undefined);
    await engine?.stop();
  }
}
