import { Option, type Command } from 'commander';
import { contextOf, segment } from '../context';
import { facts, type Column } from '../output';

interface Key {
  readonly id: string;
  readonly principal: { readonly id: string; readonly kind: string; readonly roles: readonly string[] };
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

const COLUMNS: readonly Column<Key>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'principal', value: ({ principal }) => principal.id },
  { title: 'kind', value: ({ principal }) => principal.kind },
  { title: 'roles', value: ({ principal }) => principal.roles.join(', ') },
  { title: 'created', value: ({ createdAt }) => createdAt },
  { title: 'expires', value: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'revoked', value: ({ revokedAt }) => revokedAt },
];

export function addKeys(program: Command): void {
  const group = program.command('keys').description('who may do what');
  group
    .command('create')
    .argument('<principal>', 'id of the person or machine that the key stands for')
    .description('make a key; it is shown this once')
    .addOption(new Option('--kind <kind>', 'what the principal is').choices(['person', 'machine']).default('machine'))
    .addOption(
      new Option('--role <role...>', 'what it may do')
        .choices([
          'admin',
          'operator',
          'responder',
          'viewer',
          'records',
          'sender',
          'monitor',
          'prober',
          'auditor',
          'witness',
        ])
        .makeOptionMandatory(),
    )
    .option('--expires-at <time>', 'RFC 3339; never when not given')
    .action(async (id: string, options: { kind: string; role: string[]; expiresAt?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const { kind, role: roles, expiresAt } = options;
      const made = await client.post<Key & { readonly key: string }>('/v1/keys', {
        principal: { id, kind, roles },
        ...(expiresAt !== undefined && { expiresAt }),
      });
      output.document(made, () =>
        facts([
          ['id', made.id],
          ['principal', `${id} (${kind}: ${roles.join(', ')})`],
          ['expires', made.expiresAt ?? 'never'],
          ['key', made.key],
        ]),
      );
      output.note('the key is shown this once: keep it safe');
    });
  group
    .command('list')
    .description('keys, without their secrets')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await output.list(client.items<Key>('/v1/keys'), COLUMNS, 'there are no keys');
    });
  group
    .command('revoke')
    .argument('<id>', 'id of the key')
    .description('end a key')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      await client.delete(`/v1/keys/${segment(id)}`);
      output.document({ id, revoked: true }, () => `${id} is revoked`);
    });
}
