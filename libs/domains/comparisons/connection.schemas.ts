import { z } from 'zod';
import { FILE_FORMATS } from './core/data-set';

/** Where a secret is: never the secret. */
const Secret = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Z_][A-Z0-9_]*$/i) }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type SecretReference = z.output<typeof Secret>;

const text = z.string().min(1);
const port = z.int().min(1).max(65_535).exactOptional();
const server = {
  ...{ host: text, port, user: text, database: text, password: Secret.exactOptional() },
  tls: z.enum(['verify', 'require']).exactOptional(),
};
const Connection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('postgresql'), ...server }),
  z.strictObject({ kind: z.literal('mysql'), ...server }),
  z.strictObject({
    ...{ kind: z.literal('clickhouse'), url: z.url({ protocol: /^https?$/ }) },
    ...{ user: text, password: Secret.exactOptional(), database: text },
  }),
  z.strictObject({ kind: z.literal('file'), folder: text }),
  z.strictObject({
    ...{ kind: z.literal('http'), url: z.url({ protocol: /^https?$/ }), token: Secret.exactOptional() },
    allowPrivate: z.boolean().exactOptional(),
    maxBytes: z.int().positive().exactOptional(),
    format: z.enum(FILE_FORMATS).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('git'), repository: text }),
]);
export type ConfiguredConnection = z.output<typeof Connection>;

/** The file that HOLDFAST_CONNECTIONS_FILE names, YAML or JSON. */
export const ConnectionsFile = z.strictObject({
  connections: z.record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/), Connection),
});
