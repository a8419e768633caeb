/** The files that `procos check` looks at: those that are named, and all models below folders that are. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { encodingOf } from '@procos/protocol';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';

export interface FileToCheck {
  readonly path: string;
  readonly content: string;
}

/** Files of a build or of other people's packages are copies. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'target', 'build', 'dist', 'out']);
const CHECKED = /\.(bpmn|bpmn20\.xml|dmn|dmn11\.xml|form|cmmn|cmmn10\.xml|cmmn11\.xml)$/i;

/** Throws a `UserError` where nothing is at a path, or no model in a folder. */
export function filesToCheck(shell: Pick<Shell, 'workingDirectory'>, paths: readonly string[]): FileToCheck[] {
  const files = paths.flatMap((path) => filesAt(resolve(shell.workingDirectory, path), path));
  return [...new Set(files)].map((path) => read(resolve(shell.workingDirectory, path), path));
}

function filesAt(absolute: string, path: string): string[] {
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const found = below(absolute, path);
  if (found.length === 0)
    throw new UserError('FILE', `${path}: this folder holds no .bpmn, .dmn or .form file, nor do those below it.`);
  return found;
}

function below(absolute: string, path: string): string[] {
  const entries = readdirSync(absolute, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const { name } = entry;
    if (entry.isDirectory() && !name.startsWith('.') && !LEFT_OUT.has(name))
      return below(join(absolute, name), join(path, name));
    return entry.isFile() && CHECKED.test(name) ? [join(path, name)] : [];
  });
}

function read(absolute: string, path: string): FileToCheck {
  try {
    const bytes = readFileSync(absolute);
    return { path, content: new TextDecoder(encodingOf(bytes), { ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw new UserError('FILE', `${path}: ${why}.`);
  }
}

export function isProcessFile(path: string): boolean {
  return /\.(bpmn|bpmn20\.xml|xml)$/i.test(path) && !isDecisionFile(path) && !isCaseFile(path);
}
export function isDecisionFile(path: string): boolean {
  return /\.(dmn|dmn11\.xml)$/i.test(path);
}
export function isCaseFile(path: string): boolean {
  return /\.(cmmn|cmmn1[01]\.xml)$/i.test(path);
}
