import { Injectable } from '@nestjs/common';
import { ConfiguredConnections } from './configured-connections';
import type { DataSet } from './core/data-set';
import type { KeyColumn } from './core/key-column';
import { DataSetKeys } from './data-set-keys';

/** Keys of data sets, for domains that compare them with what they have themselves. */
@Injectable()
export class DataSetKeysService {
  constructor(private readonly connections: ConfiguredConnections) {}

  /** Why the connection of a data set does not lead to it; undefined where it does. The data set itself is not looked at. @throws DomainError `unavailable` */
  connectionProblem(dataSet: DataSet): string | undefined {
    return this.connections.problemOf(dataSet);
  }

  /** Nothing is opened before it is read. Has to be closed. @param signal ends statements in the store, too */
  open(dataSet: DataSet, column: KeyColumn, signal: AbortSignal): DataSetKeys {
    return new DataSetKeys(dataSet, column, this.connections.lookUp, signal);
  }
}
