/** `procos user`: who may use the system. Passwords are typed or piped in. */
import type { IdentityOperationRequest, UserFields } from '@procos/protocol';
import type { Store } from '@procos/store';
import type { Command } from 'commander';
import { changeUsers } from '../cli/changing-users.ts';
import { type CommonOptions, clientOf, groupCommand, printJson, remoteCommand } from '../cli/command.ts';
import { dataFolder } from '../cli/data-folder.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

interface FieldOptions extends CommonOptions {
  readonly role?: readonly string[];
  readonly group?: readonly string[];
  readonly fullName?: string;
  readonly email?: string;
}
interface AddOptions extends FieldOptions {
  readonly admin?: boolean;
  readonly password: boolean;
  readonly offline?: boolean;
  readonly data?: string;
}
interface PasswdOptions extends CommonOptions {
  readonly offline?: boolean;
  readonly data?: string;
}

export function userCommand(shell: Shell): Command {
  return groupCommand('user', 'who may use the system: add, change, list, passwd, disable, enable, remove', [
    'procos user add ada --role operator',
    'procos user add root --admin --offline --data ./procos-data',
    'procos user passwd ada < new-password.txt',
    'procos user disable ada',
  ])
    .addCommand(listCommand(shell), { isDefault: true })
    .addCommand(addCommand(shell))
    .addCommand(changeCommand(shell))
    .addCommand(passwdCommand(shell))
    .addCommand(simpleCommand(shell, 'disable', 'lets a user in no longer; what he has done stays', 'disableUser'))
    .addCommand(simpleCommand(shell, 'enable', 'lets a user in again', 'enableUser'))
    .addCommand(simpleCommand(shell, 'remove', 'removes a user and his tokens', 'removeUser'));
}

/** For commander: an option that is given once per name. */
export function collectName(name: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), name];
}

function listCommand(shell: Shell): Command {
  return remoteCommand('list', 'list users with their roles and groups', ['procos user list']).action(
    async (options: CommonOptions) => {
      const { users } = await clientOf(shell, options).identities();
      if (options.json) return printJson(shell, { users });
      const rows = users.map(({ name, state, roles, groups, hasPassword, fullName, email }) => [
        name,
        { text: state, style: state === 'active' ? ('green' as const) : ('yellow' as const) },
        roles.join(', '),
        groups.join(', '),
        hasPassword ? 'yes' : 'no',
        [fullName, email].filter((text) => text !== null).join(', '),
      ]);
      for (const line of table(shell, ['USER', 'STATE', 'ROLES', 'GROUPS', 'PASSWORD', 'ABOUT'], rows))
        shell.print(line);
    },
  );
}

function withFields(command: Command): Command {
  return command
    .option('--role <role>', 'a role; again for each', collectName)
    .option('--group <group>', 'a group; again for each', collectName)
    .option('--full-name <text>', 'as people call him')
    .option('--email <address>', 'his e-mail address');
}

function addCommand(shell: Shell): Command {
  return withFields(
    remoteCommand('add', 'add a user; the password is asked for, or the next line of standard input', [
      'procos user add ada --role operator --role developer',
      'procos user add root --admin --offline',
      'procos user add ci --role developer --no-password',
    ]).argument('<name>', 'what he logs in with'),
  )
    .option('--admin', 'with the role administrator')
    .option('--no-password', 'only tokens prove that it is him')
    .option('--offline', 'the first administrator, into a data folder on which no system runs')
    .option('--data <folder>', 'that data folder (default: as procos start)')
    .action(async (name: string, options: AddOptions) => {
      const roles = [...(options.role ?? []), ...(options.admin ? ['administrator'] : [])];
      const password = options.password ? await askTwice(shell, `Password of ${name}`) : undefined;
      if (options.offline) await addOffline(shell, name, password, options);
      else {
        const fields = { ...fieldsOf(options), roles, ...(password === undefined ? {} : { password }) };
        await changeUsers(shell, clientOf(shell, options), [{ do: 'addUser', name, ...fields }]);
      }
      done(shell, options, { added: name }, `added ${name}`);
    });
}

async function addOffline(
  shell: Shell,
  name: string,
  password: string | undefined,
  options: AddOptions,
): Promise<void> {
  if (!options.admin || password === undefined)
    throw new UserError('USAGE', '--offline makes the first administrator: give --admin, and a password.');
  const { addFirstAdministrator } = await import('@procos/kernel');
  const { fullName = null, email = null } = options;
  await changeOffline(shell, options.data, password, (store, hash) =>
    addFirstAdministrator({ store, now: shell.now(), user: { name, fullName, email, password: hash } }),
  );
}

async function setPasswordOffline(shell: Shell, name: string, password: string, data: string | undefined) {
  const { setLostPassword } = await import('@procos/kernel');
  await changeOffline(shell, data, password, (store, hash) =>
    setLostPassword({ store, now: shell.now(), name, password: hash }),
  );
}

/** On the store of a data folder on which no system runs; `change` gets the hash of the password. */
async function changeOffline(
  shell: Shell,
  data: string | undefined,
  password: string,
  change: (store: Store, hash: string) => void,
): Promise<void> {
  const { hashPassword, PASSWORD_LENGTH, Refused } = await import('@procos/kernel');
  const { openSqliteStore, StoreRefusal } = await import('@procos/store');
  if (password.length < PASSWORD_LENGTH.least)
    throw new UserError('USAGE', `The password must have at least ${PASSWORD_LENGTH.least} characters.`);
  try {
    const store = openSqliteStore({ directory: dataFolder(shell, data) });
    try {
      change(store, await hashPassword(password));
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreRefusal) throw new UserError(error.code, error.message, EXIT.failed);
    if (error instanceof Refused) throw new UserError('REFUSED', error.message, EXIT.failed);
    throw error;
  }
}

function changeCommand(shell: Shell): Command {
  return withFields(
    remoteCommand('change', 'give a user other roles, groups, name or address; what is not given stays', [
      'procos user change ada --role operator --role developer',
    ]).argument('<name>', 'the user'),
  ).action(async (name: string, options: FieldOptions) => {
    await changeUsers(shell, clientOf(shell, options), [{ do: 'changeUser', name, ...fieldsOf(options) }]);
    done(shell, options, { changed: name }, `changed ${name}`);
  });
}

function passwdCommand(shell: Shell): Command {
  return remoteCommand('passwd', 'set a password, which is asked for, or the next line of standard input', [
    'procos user passwd ada',
    'procos user passwd root --offline --data ./procos-data',
  ])
    .argument('<name>', 'the user')
    .option('--offline', 'of an administrator who has lost it, in a data folder on which no system runs')
    .option('--data <folder>', 'that data folder (default: as procos start)')
    .action(async (name: string, options: PasswdOptions) => {
      const password = await askTwice(shell, `New password of ${name}`);
      if (options.offline) await setPasswordOffline(shell, name, password, options.data);
      else await changeUsers(shell, clientOf(shell, options), [{ do: 'setPassword', name, password }]);
      done(shell, options, { changed: name }, `set the password of ${name}`);
    });
}

function simpleCommand(
  shell: Shell,
  name: string,
  about: string,
  what: 'disableUser' | 'enableUser' | 'removeUser',
): Command {
  return remoteCommand(name, about, [`procos user ${name} ada`])
    .argument('<name>', 'the user')
    .action(async (user: string, options: CommonOptions) => {
      const operation: IdentityOperationRequest = { do: what, name: user };
      await changeUsers(shell, clientOf(shell, options), [operation]);
      done(shell, options, { [`${name}d`]: user }, `${name}d ${user}`);
    });
}

function fieldsOf({ role, group, fullName, email }: FieldOptions): UserFields {
  return {
    ...(role === undefined ? {} : { roles: role }),
    ...(group === undefined ? {} : { groups: group }),
    ...(fullName === undefined ? {} : { fullName }),
    ...(email === undefined ? {} : { email }),
  };
}

/** At a terminal nobody sees what he types. */
async function askTwice(shell: Shell, question: string): Promise<string> {
  const password = await shell.secret(question);
  if (!shell.terminal) return password;
  if ((await shell.secret('Once more')) !== password) throw new UserError('USAGE', 'The two were not the same.');
  return password;
}

export function done(shell: Shell, { json }: CommonOptions, value: object, line: string): void {
  if (json) printJson(shell, value);
  else shell.print(line);
}
