import { Injectable } from '@nestjs/common';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import type { RecordTraits } from './core/policy';

/** What a record does not say of itself, its process says: `records` of the document, as it is now. */
@Injectable()
export class ProcessTraits {
  constructor(private readonly catalog: CatalogService) {}

  async complete<T extends RecordTraits>(records: readonly T[]): Promise<T[]> {
    const named = [...new Set(records.map(({ process }) => process))];
    const known = new Map((await this.catalog.findProcesses(named)).map(({ id, records: said }) => [id, said]));
    return records.map((record) => {
      const said = known.get(record.process);
      return {
        ...record,
        severity: record.severity || (said?.severity ?? ''),
        environment: record.environment || (said?.environment ?? ''),
        region: record.region || (said?.region ?? ''),
      };
    });
  }
}
