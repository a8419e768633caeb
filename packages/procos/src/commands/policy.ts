/** `procos policy`: what the owner lets processes use, changed while they run. */
import { readFile } from 'node:fs/promises';
import { type Grant, grantProblem, KINDS, type Kind, type PolicyRule } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';

interface PolicyOptions extends CommonOptions {
  readonly why?: string;
  readonly tenant?: string;
}

export function policyCommand(shell: Shell): Command {
  const command = remoteCommand('policy', 'show and change what processes may use beside what they declare', [
    'procos policy',
    'procos policy deny invoice tasks:http_request hosts:*.example.org --why "contract ended"',
    'procos policy lift 2 --why "signed again"',
    'procos policy set policy.json --why "reviewed in May"',
  ])
    .argument('[what]', 'deny, lift or set; without it the policy is shown')
    .argument(
      '[words...]',
      'deny: a process id (or its beginning and *) and KIND:NAME…; lift: the number of a rule; set: a JSON file',
    )
    .option('--why <text>', 'the reason, for the audit and for who is refused')
    .option('--tenant <id>', 'deny: only for processes of this tenant');
  return command.action(async (what: string | undefined, words: string[], options: PolicyOptions) => {
    const client = clientOf(shell, options);
    const { rules } = await client.policy();
    if (what !== undefined) {
      const { tasks } = await client.setPolicy(await changed(what, words, rules, options), reasonOf(options));
      if (!options.json) shell.print(`The policy holds. Tasks taken back: ${tasks}.`);
    }
    const policy = await client.policy();
    if (options.json) return printJson(shell, policy);
    if (policy.rules.length === 0) shell.print('No rules: processes may use what they declare.');
    for (const [at, rule] of policy.rules.entries()) shell.print(`${at + 1}  ${ruleText(rule)}`);
    if (policy.by !== null) shell.print(`Set by ${policy.by} at ${policy.at}: ${policy.why}`);
  });
}

async function changed(
  what: string,
  words: readonly string[],
  rules: readonly PolicyRule[],
  options: PolicyOptions,
): Promise<readonly PolicyRule[]> {
  const [first, ...rest] = words;
  if (first === undefined || !['deny', 'lift', 'set'].includes(what))
    throw new UserError('USAGE', 'Say deny PROCESS KIND:NAME…, lift NUMBER, or set FILE (see procos policy --help).');
  if (what === 'deny') {
    const { tenant } = options;
    const rule = {
      process: first,
      ...(tenant === undefined ? {} : { tenant }),
      deny: denied(rest),
      why: reasonOf(options),
    };
    return [...rules, rule];
  }
  if (what === 'lift') {
    const at = Number(first) - 1;
    if (rules[at] === undefined) throw new UserError('USAGE', `There is no rule ${first}: there are ${rules.length}.`);
    return rules.filter((_, index) => index !== at);
  }
  const parsed = JSON.parse(await readFile(first, 'utf8')) as { readonly rules?: readonly PolicyRule[] };
  return parsed.rules ?? [];
}

function denied(words: readonly string[]): { readonly [kind in Kind]?: readonly Grant[] } {
  if (words.length === 0) throw new UserError('USAGE', 'Say what is denied, e.g. tasks:http_request.');
  const grants: { [kind in Kind]?: Grant[] } = {};
  for (const word of words) {
    const [prefix = '', name = ''] = [word.slice(0, word.indexOf(':')), word.slice(word.indexOf(':') + 1)];
    const kind = KINDS.find((known) => known === prefix);
    const problem = kind === undefined ? `KIND is one of ${KINDS.join(', ')}` : grantProblem(kind, { name });
    if (kind === undefined || problem !== undefined)
      throw new UserError('USAGE', `"${word}" is no KIND:NAME: ${problem}.`);
    grants[kind] = [...(grants[kind] ?? []), { name }];
  }
  return grants;
}

function reasonOf({ why }: PolicyOptions): string {
  if (why === undefined || why.trim() === '')
    throw new UserError('USAGE', 'Say why with --why: it stands in the audit, and whoever is refused is shown it.');
  return why;
}

function ruleText({ process, tenant, allow, deny, why }: PolicyRule): string {
  const list = (grants: PolicyRule['deny'] = {}): string =>
    KINDS.flatMap((kind) => (grants[kind] ?? []).map(({ name }) => `${kind}:${name}`)).join(' ');
  const whom = tenant === undefined ? process : `${process} of tenant ${tenant ?? 'none'}`;
  const what = [
    ...(allow === undefined ? [] : [`may use only ${list(allow) || 'nothing'}`]),
    ...(deny === undefined ? [] : [`may not use ${list(deny)}`]),
  ];
  return `${whom} ${what.join(' and ')}: ${why}`;
}
