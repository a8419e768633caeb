/** What all commands share: the options --json and --url, examples in the help, a client to speak REST with. */
import { DEFAULT_URL, ProcosClient } from '@procos/client';
import { Command } from 'commander';
import { tokenFor } from './credentials.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

export interface CommonOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tokenFile?: string;
}

/** A command that speaks to a running ProcOS. */
export function remoteCommand(name: string, about: string, examples: readonly string[]): Command {
  return plainCommand(name, about, examples)
    .option('--url <url>', `where ProcOS runs (default: PROCOS_URL, else ${DEFAULT_URL} with the port of PROCOS_PORT)`)
    .option('--token-file <file>', 'file with an access token (default: PROCOS_TOKEN, else that of procos login)');
}

export function plainCommand(name: string, about: string, examples: readonly string[]): Command {
  return groupCommand(name, about, examples).option('--json', 'print JSON and nothing else on standard output');
}

/** One that only has commands of its own: an option here would be taken from them. */
export function groupCommand(name: string, about: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(about)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

export function clientOf(shell: Shell, options: CommonOptions): ProcosClient {
  const url = urlOf(shell, options);
  const token = tokenFor(shell, url, options.tokenFile);
  return clientWith(shell, url, token === undefined ? undefined : `Bearer ${token}`);
}

/** `authorization`: the header by which it proves who asks. */
export function clientWith(shell: Shell, url: string, authorization: string | undefined): ProcosClient {
  const name = userName(shell);
  return new ProcosClient({
    baseUrl: url,
    headers: {
      ...(name === undefined ? {} : { 'x-procos-user': name }),
      ...(authorization === undefined ? {} : { authorization }),
    },
  });
}

/** Where ProcOS runs. */
export function urlOf(shell: Shell, options: Pick<CommonOptions, 'url'>): string {
  const { PROCOS_URL, PROCOS_PORT } = shell.environment;
  const url = options.url ?? (PROCOS_URL || (PROCOS_PORT ? `http://127.0.0.1:${PROCOS_PORT}` : DEFAULT_URL));
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    const from = options.url === undefined ? 'PROCOS_URL or PROCOS_PORT in the environment' : '--url';
    throw new UserError('USAGE', `${from} is "${url}", but must be an address such as ${DEFAULT_URL}.`);
  }
  return url;
}

/** As the audit shows who asked; undefined where the system would not take it. */
function userName({ environment: { USER, LOGNAME, USERNAME } }: Shell): string | undefined {
  const name = USER || LOGNAME || USERNAME;
  return name !== undefined && /^[\w.@+-]{1,64}$/.test(name) ? name : undefined;
}

/** For commander: a whole number from 1. */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError('USAGE', `"${text}" must be a whole number from 1.`);
  return Number(text);
}

export function printJson(shell: Shell, value: unknown): void {
  shell.print(JSON.stringify(value, null, shell.terminal ? 2 : undefined));
}
