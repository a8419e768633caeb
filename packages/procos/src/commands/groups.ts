/** `procos group`, `procos role` and `procos rule`: what users have together, what roles may do, and what holds for all. */
import type { Command } from 'commander';
import { changeUsers } from '../cli/changing-users.ts';
import { type CommonOptions, clientOf, groupCommand, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { collectName, done } from './user.ts';

export function groupsCommand(shell: Shell): Command {
  const set = remoteCommand('set', 'make a group, or give it other roles', ['procos group set clerks --role worker'])
    .argument('<name>', 'the group')
    .option('--role <role>', 'a role of its members; again for each', collectName)
    .action(async (name: string, options: CommonOptions & { readonly role?: readonly string[] }) => {
      await changeUsers(shell, clientOf(shell, options), [{ do: 'setGroup', name, roles: options.role ?? [] }]);
      done(shell, options, { set: name }, `set group ${name}`);
    });
  const remove = remoteCommand('remove', 'remove a group; its members stay', ['procos group remove clerks'])
    .argument('<name>', 'the group')
    .action(async (name: string, options: CommonOptions) => {
      await changeUsers(shell, clientOf(shell, options), [{ do: 'removeGroup', name }]);
      done(shell, options, { removed: name }, `removed group ${name}`);
    });
  const list = remoteCommand('list', 'list groups with their roles and members', ['procos group list']).action(
    async (options: CommonOptions) => {
      const { groups, users } = await clientOf(shell, options).identities();
      if (options.json) return printJson(shell, { groups });
      const members = (group: string) => users.filter((user) => user.groups.includes(group)).map(({ name }) => name);
      const rows = groups.map(({ name, roles }) => [name, roles.join(', '), members(name).join(', ')]);
      for (const line of table(shell, ['GROUP', 'ROLES', 'MEMBERS'], rows)) shell.print(line);
    },
  );
  return groupCommand('group', 'groups of users: set, list, remove', ['procos group set clerks --role worker'])
    .addCommand(list, { isDefault: true })
    .addCommand(set)
    .addCommand(remove);
}

export function roleCommand(shell: Shell): Command {
  const set = remoteCommand('set', 'make a role of your own, or give it other permissions', [
    'procos role set auditor --permission read --permission readAudit',
  ])
    .argument('<name>', 'the role')
    .option('--permission <permission>', 'what it lets; again for each (docs/users.md)', collectName)
    .action(async (name: string, options: CommonOptions & { readonly permission?: readonly string[] }) => {
      const operation = { do: 'setRole', name, permissions: options.permission ?? [] } as const;
      await changeUsers(shell, clientOf(shell, options), [operation]);
      done(shell, options, { set: name }, `set role ${name}`);
    });
  const remove = remoteCommand('remove', 'remove a role of your own', ['procos role remove auditor'])
    .argument('<name>', 'the role')
    .action(async (name: string, options: CommonOptions) => {
      await changeUsers(shell, clientOf(shell, options), [{ do: 'removeRole', name }]);
      done(shell, options, { removed: name }, `removed role ${name}`);
    });
  const list = remoteCommand('list', 'list roles with their permissions', ['procos role list']).action(
    async (options: CommonOptions) => {
      const { roles } = await clientOf(shell, options).identities();
      if (options.json) return printJson(shell, { roles });
      const rows = roles.map(({ name, permissions, fixed }) => [
        name,
        fixed ? 'always' : 'own',
        permissions.join(', '),
      ]);
      for (const line of table(shell, ['ROLE', 'KIND', 'PERMISSIONS'], rows)) shell.print(line);
    },
  );
  return groupCommand('role', 'roles and their permissions: set, list, remove', ['procos role list'])
    .addCommand(list, { isDefault: true })
    .addCommand(set)
    .addCommand(remove);
}

export function ruleCommand(shell: Shell): Command {
  const change = (name: 'set' | 'lift', about: string) =>
    remoteCommand(name, about, [`procos rule ${name} four-eyes`])
      .argument('<rule>', 'four-eyes: changes to the system need a second person')
      .action(async (rule: string, options: CommonOptions) => {
        await changeUsers(shell, clientOf(shell, options), [
          { do: name === 'set' ? 'setRule' : 'liftRule', name: rule },
        ]);
        done(
          shell,
          options,
          { [name]: rule },
          name === 'set' ? `${rule} holds from now on` : `${rule} holds no longer`,
        );
      });
  const list = remoteCommand('list', 'list the rules that hold', ['procos rule list']).action(
    async (options: CommonOptions) => {
      const { rules } = await clientOf(shell, options).identities();
      if (options.json) return printJson(shell, { rules });
      const rows = rules.map(({ name, setBy, setAt }) => [name, setBy, setAt]);
      for (const line of table(shell, ['RULE', 'SET BY', 'AT'], rows)) shell.print(line);
    },
  );
  return groupCommand('rule', 'rules of the owner that the kernel enforces: set, lift, list', [
    'procos rule set four-eyes',
  ])
    .addCommand(list, { isDefault: true })
    .addCommand(change('set', 'let a rule hold'))
    .addCommand(change('lift', 'lift a rule; four-eyes needs a second person for that, too'));
}
