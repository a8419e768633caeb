/** `procos token`: access tokens for programs. The secret is shown once. */
import type { Command } from 'commander';
import { changeUsers } from '../cli/changing-users.ts';
import { type CommonOptions, clientOf, groupCommand, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { collectName, done } from './user.ts';

interface CreateOptions extends CommonOptions {
  readonly user?: string;
  readonly role?: readonly string[];
  readonly days?: number;
}

export function tokenCommand(shell: Shell): Command {
  return groupCommand('token', 'access tokens for programs: create, list, revoke', [
    'procos token create ci --role developer --days 90',
    'procos token list',
    'procos token revoke 3f2a9c01d4e5',
  ])
    .addCommand(listCommand(shell), { isDefault: true })
    .addCommand(createCommand(shell))
    .addCommand(revokeCommand(shell));
}

function createCommand(shell: Shell): Command {
  return remoteCommand('create', 'make a token; it is printed once, and only its hash is kept', [
    'procos token create laptop',
    'procos token create ci --user ci --role developer --days 90 > token.txt',
  ])
    .argument('<label>', 'what it is for')
    .option('--user <name>', 'whose it is (default: yours)')
    .option('--role <role>', 'only this of the roles of its user; again for each', collectName)
    .option('--days <days>', 'until it runs out (default: it does not)', positive)
    .action(async (label: string, options: CreateOptions) => {
      const { user, role, days } = options;
      const operation = {
        do: 'createToken',
        label,
        ...(user === undefined ? {} : { user }),
        ...(role === undefined ? {} : { roles: role }),
        ...(days === undefined ? {} : { days }),
      } as const;
      const { secrets } = await changeUsers(shell, clientOf(shell, options), [operation]);
      done(shell, options, { token: secrets[0] }, String(secrets[0]));
    });
}

function listCommand(shell: Shell): Command {
  return remoteCommand('list', 'list your tokens; of everybody for who administers users', [
    'procos token list',
  ]).action(async (options: CommonOptions) => {
    const { tokens } = await clientOf(shell, options).tokens();
    if (options.json) return printJson(shell, { tokens });
    const rows = tokens.map(({ id, label, user, roles, createdAt, expiresAt }) => [
      id,
      label,
      user,
      roles === null ? 'all of the user' : roles.join(', '),
      createdAt,
      expiresAt ?? 'never',
    ]);
    for (const line of table(shell, ['ID', 'LABEL', 'USER', 'ROLES', 'CREATED', 'RUNS OUT'], rows)) shell.print(line);
  });
}

function revokeCommand(shell: Shell): Command {
  return remoteCommand('revoke', 'make a token worthless at once', ['procos token revoke 3f2a9c01d4e5'])
    .argument('<id>', 'as procos token list shows it')
    .action(async (token: string, options: CommonOptions) => {
      await changeUsers(shell, clientOf(shell, options), [{ do: 'revokeToken', token }]);
      done(shell, options, { revoked: token }, `revoked ${token}`);
    });
}
