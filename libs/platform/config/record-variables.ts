import { z } from 'zod';
import { variable, secret, port, tokenKeys, storeAddress, ringAddress, list, type Variable } from './variable-forms';

/** What API and worker read about keeping records: archives, retention, the audit log. */
export const recordVariables = {
  HOLDFAST_ARCHIVE_STORE: variable(
    storeAddress.optional(),
    'Where archives are kept: `file:///path`, or `s3://bucket/prefix?region=...` with `&endpoint=https://...` for another vendor than Amazon. Credentials of S3 come from where its tools have them. Without it nothing is archived. `npm start` takes a directory of its own.',
  ),
  HOLDFAST_ARCHIVE_KEY_RING: variable(
    ringAddress.optional(),
    'What wraps the keys of archives: `file:///path` (a file of its owner alone), `pkcs11:///library.so?token=label&pin-file=/path` (a hardware security module), or `kms://alias/name?region=...`. Without it nothing is archived. `npm start` makes a file.',
  ),
  HOLDFAST_ARCHIVE_DRILL_EVERY_SECONDS: variable(
    z.coerce.number().int().min(60).max(31_536_000).default(604_800),
    'How often an archive is restored for practice, compared with what it was made from, and taken away again: the one whose last drill is the longest ago.',
  ),
  HOLDFAST_ARCHIVE_DRILL_POLICY: variable(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .optional(),
    'Escalation policy of the alert that a failed drill raises; nobody is told without it.',
  ),
  HOLDFAST_RETENTION_RUN_EVERY_SECONDS: variable(
    z.coerce
      .number()
      .int()
      .max(31_536_000)
      .refine((seconds) => seconds === 0 || seconds >= 3_600, 'must be 0, or at least 3600')
      .default(0),
    'How often a run of retention is begun by itself, for somebody to approve; 0: only when somebody asks for it.',
  ),
  HOLDFAST_RETENTION_APPROVE_WITHIN_SECONDS: variable(
    z.coerce.number().int().min(60).max(31_536_000).default(259_200),
    'How long a run of retention waits for its approval: then it lapses, and nothing of it is carried out.',
  ),
  HOLDFAST_AUDIT_LOG_URL: variable(
    z.url({ protocol: /^http$/ }).optional(),
    'Address of the program audit-log, for API and worker. Without it the API answers nothing that has to be recorded. `npm start` sets it.',
  ),
  HOLDFAST_AUDIT_LOG_SECRET: secret(
    z
      .string()
      .regex(/^([\x21-\x7e]{32,200})?$/, 'must be 32 to 200 visible characters')
      .default(''),
    'What API and worker show to audit-log, and audit-log asks for. `npm start` makes one.',
  ),
  HOLDFAST_AUDIT_LOG_DIR: variable(
    z.string().min(1).optional(),
    'audit-log: directory of the log; it belongs to the store in CLICKHOUSE_URL, and to one running audit-log.',
  ),
  HOLDFAST_AUDIT_LOG_PORT: variable(port.default(3010), 'audit-log: port on HOLDFAST_HOST; 0 takes a free one.'),
  HOLDFAST_AUDIT_LOG_NAME: variable(
    z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be a host name with a path, without a scheme')
      .max(100)
      .default('holdfast/audit'),
    'audit-log: name of the log, in its checkpoints for ever: a host name of yours with a path, such as `audit.example.com/holdfast`.',
  ),
  HOLDFAST_AUDIT_LOG_KEYS: secret(
    tokenKeys.default(new Map()),
    'audit-log: Ed25519 keys that checkpoints are signed with: name=key,name=key, each the 32 bytes of its seed in base 64. All of them sign: two while one replaces the other. `npm start` makes one.',
  ),
  HOLDFAST_AUDIT_WITNESSES: variable(
    list.default([]),
    'audit-log: keys of witnesses whose co-signatures are taken, as they publish them (`<name>+<id>+<key>`), separated by commas.',
  ),
  LOG_LEVEL: variable(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'Least severe log lines that are written.',
  ),
} satisfies Record<string, Variable>;
