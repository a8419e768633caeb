/** `procos login`, `logout` and `who`: the shell proves who asks, and shows who works with the system. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { changeUsers } from '../cli/changing-users.ts';
import { type CommonOptions, clientOf, clientWith, positive, printJson, remoteCommand, urlOf } from '../cli/command.ts';
import { forgetLogin, keepLogin, tokenFor } from '../cli/credentials.ts';
import type { Shell } from '../cli/shell.ts';
import { age, table } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';
import { done } from './user.ts';

/** Hex digits by which the server knows a token. */
const ID_DIGITS = 12;

export function loginCommand(shell: Shell): Command {
  return remoteCommand('login', 'prove who you are with your password; a token is kept for this server', [
    'procos login',
    'procos login --user ada --url https://procos.example.org < password.txt',
  ])
    .option('--user <name>', 'who you are (default: your name on this machine)')
    .option('--days <days>', 'until you are to log in again', positive, 30)
    .action(async (options: CommonOptions & { readonly user?: string; readonly days: number }) => {
      const { USER, LOGNAME, USERNAME } = shell.environment;
      const user = options.user || USER || LOGNAME || USERNAME;
      if (!user) throw new UserError('USAGE', 'Say who you are: procos login --user NAME.');
      const url = urlOf(shell, options);
      const password = await shell.secret(`Password of ${user} at ${url}`);
      const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const label = `procos login on ${hostname()}`;
      const operation = { do: 'createToken', label, user, days: options.days } as const;
      const { secrets } = await changeUsers(shell, clientWith(shell, url, basic), [operation]);
      const path = keepLogin(shell, url, String(secrets[0]));
      done(
        shell,
        options,
        { user, file: path },
        `You are ${user} at ${url} for ${options.days} days (token in ${path}).`,
      );
    });
}

export function logoutCommand(shell: Shell): Command {
  return remoteCommand('logout', 'revoke the token of procos login for this server, and forget it', [
    'procos logout',
  ]).action(async (options: CommonOptions) => {
    const url = urlOf(shell, options);
    const token = tokenFor({ ...shell, environment: { ...shell.environment, PROCOS_TOKEN: '' } }, url, undefined);
    if (token === undefined) throw new UserError('USAGE', `There is no login for ${url}.`);
    const id = createHash('sha256').update(token).digest('hex').slice(0, ID_DIGITS);
    await changeUsers(shell, clientWith(shell, url, `Bearer ${token}`), [{ do: 'revokeToken', token: id }]).catch(
      (error: unknown) => {
        // Revoking it takes away the right to see that it was done.
        if (!isUnauthenticated(error)) throw error;
      },
    );
    forgetLogin(shell, url);
    done(shell, options, { url }, `logged out of ${url}`);
  });
}

function isUnauthenticated(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UNAUTHENTICATED';
}

export function whoCommand(shell: Shell): Command {
  return remoteCommand(
    'who',
    'show who has worked with the system since it was started, from where, and what they did last',
    ['procos who', 'procos who --json'],
  ).action(async (options: CommonOptions) => {
    const { usages } = await clientOf(shell, options).who();
    if (options.json) return printJson(shell, { usages });
    const rows = usages.map(({ subject, proof, label, address, lastAt, action, requests }) => [
      subject,
      {
        text: proof === 'claim' ? 'claim, not proved' : proof,
        ...(proof === 'claim' ? { style: 'yellow' as const } : {}),
      },
      label ?? '',
      address,
      age(lastAt, shell.now()),
      action,
      String(requests),
    ]);
    for (const line of table(shell, ['WHO', 'BY', 'TOKEN', 'FROM', 'AGO', 'DID LAST', 'REQUESTS'], rows))
      shell.print(line);
  });
}
