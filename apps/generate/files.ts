import { configurationPage } from '@holdfast/platform/config';
import { clusterSchemaFile } from './cluster-schema';
import { openApiFile } from './openapi';
import { sagasPage } from './sagas';
import { schemaFile } from './schema';

/** Every file that is made from the code and committed, by its path in the repository, and how it is made. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'clickhouse/schema.cluster.sql': clusterSchemaFile,
  'clickhouse/schema.sql': schemaFile,
  'docs/configuration.md': async () => configurationPage(),
  'docs/openapi.json': openApiFile,
  'docs/sagas.md': async () => sagasPage(),
};
