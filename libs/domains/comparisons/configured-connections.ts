import { readFileSync } from 'node:fs';
import { DomainError, type FieldProblem, invalid } from '@holdfast/kernel';
import type { Configuration } from '@holdfast/platform/config';
import { parse } from 'yaml';
import { z } from 'zod';
import { type ConfiguredConnection, ConnectionsFile, type SecretReference } from './connection.schemas';
import type { Connection, Connections } from './connections';
import { SIDES, type DataSet, type DataSetKind, type Side } from './core/data-set';

/** The connections that an operator configured: without any, nothing can be compared. Read anew each time, so that a change takes no restart. */
export class ConfiguredConnections {
  constructor(
    private readonly configuration: Pick<Configuration, 'HOLDFAST_CONNECTIONS_FILE'>,
    private readonly environment: Environment = process.env,
  ) {}

  /** Looks at names alone: whoever answers requests needs none of the secrets. @throws DomainError `invalid`, naming each side that has none */
  check(sides: Readonly<Record<Side, DataSet>>): void {
    const fields = SIDES.flatMap((side): FieldProblem[] => {
      const reason = this.problemOf(sides[side]);
      return reason === undefined ? [] : [{ field: `${side}.connection`, reason }];
    });
    const [first] = fields;
    if (first) throw invalid('connection_unknown', `${first.field}: ${first.reason}`, fields);
  }

  /** Why the connection of a data set does not lead to it, by names alone; undefined where it does. */
  problemOf(dataSet: DataSet): string | undefined {
    const found = own(this.read(), dataSet.connection);
    if (!found) return 'no connection of this name is configured';
    return kindsFor(dataSet).includes(found.kind) ? undefined : `leads to no data set of the kind ${dataSet.kind}`;
  }

  /** With its secrets, for whoever compares. */
  readonly lookUp: Connections = (name, kind) => {
    const found = own(this.read(), name);
    if (!found || !KINDS[kind].includes(found.kind))
      throw invalid('connection_unknown', 'no connection of this name and kind is configured');
    return this.withSecrets(found);
  };

  private read(): Readonly<Record<string, ConfiguredConnection>> {
    const { HOLDFAST_CONNECTIONS_FILE: file } = this.configuration;
    if (file === undefined) return {};
    try {
      return ConnectionsFile.parse(parse(readFileSync(file, 'utf8'))).connections;
    } catch (error) {
      // What is wrong, by field; values stay out of it: somebody may have written a password there.
      const where =
        error instanceof z.ZodError
          ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
          : 'it cannot be read as YAML or JSON';
      throw new DomainError('unavailable', 'connections_unreadable', `the file of connections is wrong: ${where}`);
    }
  }

  private withSecrets(connection: ConfiguredConnection): Connection {
    if ('password' in connection) {
      const { password, ...rest } = connection;
      return { ...rest, password: this.secret(password) };
    }
    if ('token' in connection) {
      const { token, ...rest } = connection;
      return { ...rest, token: this.secret(token) };
    }
    return connection as Connection;
  }

  private secret(reference: SecretReference): string {
    try {
      const value = 'env' in reference ? this.environment[reference.env] : readFileSync(reference.file, 'utf8');
      if (value !== undefined) return value.replace(/\r?\n$/, '');
    } catch {
      // said below
    }
    throw new DomainError('unavailable', 'connections_unreadable', 'a secret of a connection is not there');
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const own = <T>(all: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined;

const STORES: readonly Connection['kind'][] = ['postgresql', 'mysql', 'clickhouse'];
const KINDS: Readonly<Record<DataSetKind, readonly Connection['kind'][]>> = {
  postgresql: ['postgresql'],
  mysql: ['mysql'],
  clickhouse: ['clickhouse'],
  file: ['file'],
  http: ['http'],
  git: ['git'],
  profile: STORES,
  archive: ['file'],
};
const kindsFor = (dataSet: DataSet): readonly Connection['kind'][] =>
  dataSet.kind === 'profile' ? [dataSet.store] : KINDS[dataSet.kind];
