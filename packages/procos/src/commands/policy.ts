/** `procos policy`: what the owner lets processes use, changed while they run. */
import {
  type Grant,
  grantProblem,
  KINDS,
  type Kind,
  type Policy,
  type PolicyRule,
  policyProblems,
  rulesMissing,
  ruleText,
} from '@procos/protocol';
import type { Command } from 'commander';
import { openBundle, readBytes } from '../cli/bundles.ts';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { printable } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';

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
    'procos policy adopt orders.bundle --why "read and agreed"',
  ])
    .argument('[what]', 'deny, lift, set or adopt; without it the policy is shown')
    .argument(
      '[words...]',
      'deny: a process id (or its beginning and *) and KIND:NAME…; lift: the number of a rule; set: a JSON file; adopt: a bundle, whose rules are only shown without --why',
    )
    .option('--why <text>', 'the reason, for the audit and for who is refused')
    .option('--tenant <id>', 'deny: only for processes of this tenant');
  return command.action(async (what: string | undefined, words: string[], options: PolicyOptions) => {
    const client = clientOf(shell, options);
    const { rules } = await client.policy();
    if (what === 'adopt' && options.why === undefined) return showProposal(shell, rules, words, options);
    if (what !== undefined) {
      const { tasks } = await client.setPolicy(await changed(shell, what, words, rules, options), reasonOf(options));
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
  shell: Shell,
  what: string,
  words: readonly string[],
  rules: readonly PolicyRule[],
  options: PolicyOptions,
): Promise<readonly PolicyRule[]> {
  const [first, ...rest] = words;
  if (first === undefined || !['deny', 'lift', 'set', 'adopt'].includes(what))
    throw new UserError(
      'USAGE',
      'Say deny PROCESS KIND:NAME…, lift NUMBER, set FILE, or adopt BUNDLE (see procos policy --help).',
    );
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
  if (what === 'adopt') {
    const missing = await proposed(shell, first, rules);
    if (missing.length > 0) return [...rules, ...missing];
    throw new UserError('USAGE', `${first} proposes no rule that does not hold already.`, EXIT.failed);
  }
  return rulesIn(first, readBytes(shell, first).toString());
}

/** What a bundle proposes and does not hold yet. */
async function proposed(shell: Shell, path: string, rules: readonly PolicyRule[]): Promise<readonly PolicyRule[]> {
  const { policy } = await openBundle(path, readBytes(shell, path));
  return rulesMissing({ rules }, policy);
}

async function showProposal(
  shell: Shell,
  rules: readonly PolicyRule[],
  [path]: readonly string[],
  { json }: PolicyOptions,
): Promise<void> {
  if (path === undefined) throw new UserError('USAGE', 'Say which bundle: adopt BUNDLE.');
  const { name, version, signer, policy } = await openBundle(path, readBytes(shell, path));
  const missing = rulesMissing({ rules }, policy);
  if (json) return printJson(shell, { proposed: missing, signer });
  shell.print(`${name} ${version}, ${signer === null ? 'not signed' : `signed with key ${signer}`}`);
  if (missing.length === 0) return shell.print('It proposes no rule that does not hold already.');
  for (const rule of missing) shell.print(`+  ${printable(ruleText(rule))}`);
  shell.print('Nothing has changed. To have these rules hold beside those that there are: the same with --why.');
}

/** A file that is no policy must not take the policy away. */
function rulesIn(path: string, text: string): readonly PolicyRule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError('FILE', `${path} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const problems = policyProblems(value);
  if (problems.length > 0) throw new UserError('FILE', `${path} is no policy. ${problems.join(' ')}`);
  return (value as Policy).rules;
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
