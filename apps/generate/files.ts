import { configurationPage } from '@holdfast/platform/config';
import { openApiFile } from './openapi';
import { schemaFile } from './schema';

/** Every file that is made from the code and committed, by its path in the repository, and how it is made. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'clickhouse/schema.sql': schemaFile,
  'docs/configuration.md': async () => configurationPage(),
  'docs/openapi.json': openApiFile,
};
