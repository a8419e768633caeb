/** By what the shell proves who it is: a token from the environment, a file, or where `procos login` has put it. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

/** undefined: there is none for this server. Throws `UserError` for a file that cannot be read. */
export function tokenFor(shell: Shell, url: string, tokenFile: string | undefined): string | undefined {
  if (tokenFile !== undefined) {
    const path = resolve(shell.workingDirectory, tokenFile);
    const token = read(path);
    if (token !== undefined) return token;
    throw new UserError('FILE', `The token file ${path} is not there, or empty.`);
  }
  return shell.environment['PROCOS_TOKEN'] || read(loginFile(shell, url));
}

/** For this server and no other; for nobody else on this machine to read. */
export function keepLogin(shell: Shell, url: string, token: string): string {
  const path = loginFile(shell, url);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  // The mode above counts for a new file only.
  chmodSync(path, 0o600);
  return path;
}

export function forgetLogin(shell: Shell, url: string): void {
  rmSync(loginFile(shell, url), { force: true });
}

function loginFile({ environment }: Shell, url: string): string {
  const { XDG_CONFIG_HOME, APPDATA, HOME } = environment;
  const folder = XDG_CONFIG_HOME || APPDATA || join(HOME || homedir(), '.config');
  return join(folder, 'procos', 'tokens', encodeURIComponent(new URL(url).origin));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
