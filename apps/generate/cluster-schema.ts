import { clusterSchema } from '@holdfast/platform/clickhouse/migrations/cluster-form';

const HEAD = `-- Every statement of the migrations as a cluster is to run it, with the tables of the runner itself. Generated from clickhouse/migrations by
-- \`npm run generate\`. NOT YET RUN ON A CLUSTER: its syntax is checked, and every table compared with the embedded form, by the tests; nothing else is.
`;

/** clickhouse/schema.cluster.sql. */
export const clusterSchemaFile = async (): Promise<string> =>
  [HEAD, ...clusterSchema().map(({ from, sql }) => `-- ${from}\n${sql};\n`)].join('\n');
