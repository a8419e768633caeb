/** `name=@FILE` on the command line: the content of a file as the value of a variable, whatever its size. */
import { createReadStream, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { ProcosClient } from '@procos/client';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';
import { FileArgument, type VariableMap } from './variables.ts';

/** Media types by the ending of a name; others are bytes of no known kind. */
const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};

/** The variables with what is in the files that they name, once all of it is on the disk of the server. */
export async function withFiles(shell: Shell, client: ProcosClient, variables: VariableMap = {}): Promise<VariableMap> {
  const result: Record<string, unknown> = { ...variables };
  for (const [name, value] of Object.entries(variables)) {
    if (value instanceof FileArgument) result[name] = await upload(shell, client, value.path);
  }
  return result;
}

async function upload(shell: Shell, client: ProcosClient, path: string): Promise<unknown> {
  const absolute = resolve(shell.workingDirectory, path);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new UserError('FILE', `${path}: there is no such file.`);
  const name = basename(path);
  const type = TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
  return client.values.upload(createReadStream(absolute), { name, type });
}
