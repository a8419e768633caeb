/** Model files given on the command line, and what the deploy check says about them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ProcosClient } from '@procos/client';
import type { ProblemRow } from '@procos/protocol';
import type { Shell } from './shell.ts';
import { paint, printable } from './text.ts';
import { UserError } from './user-error.ts';

export interface ModelFile {
  readonly name: string;
  /** As the person wrote it, for messages. */
  readonly path: string;
  readonly content: string;
}

export function readModels(shell: Shell, paths: readonly string[]): ModelFile[] {
  return paths.map((path) => {
    try {
      return { name: basename(path), path, content: readFileSync(resolve(shell.workingDirectory, path), 'utf8') };
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
      throw new UserError('FILE', `${path}: ${why}.`);
    }
  });
}

/**
 * What `run` deploys for a path: the .bpmn file with the .form files beside it, or every model and form of a folder.
 * Undefined when there is nothing at that path.
 */
export function findModels(shell: Shell, path: string): string[] | undefined {
  const absolute = resolve(shell.workingDirectory, path);
  if (!existsSync(absolute)) return undefined;
  if (statSync(absolute).isDirectory()) {
    const models = siblings(absolute, path, isModel);
    if (models.length === 0) throw new UserError('FILE', `${path}: this folder holds no .bpmn file.`);
    return [...models, ...siblings(absolute, path, isForm)];
  }
  return [path, ...siblings(dirname(absolute), dirname(path), isForm)];
}

function siblings(folder: string, shown: string, wanted: (name: string) => boolean): string[] {
  const names = readdirSync(folder).filter(wanted).sort();
  return names.map((name) => join(shown, name));
}

export function isModel(name: string): boolean {
  return /\.bpmn(20\.xml)?$/i.test(name);
}

function isForm(name: string): boolean {
  return /\.form$/i.test(name);
}

/** A problem of a model, with the path that the person gave. */
export interface Finding extends Pick<ProblemRow, 'severity' | 'message' | 'elementId' | 'line'> {
  readonly path: string;
  readonly rule?: string;
}

/** Asks the server what it thinks of every model; other files are not checked. */
export async function checkModels(
  client: ProcosClient,
  files: readonly ModelFile[],
): Promise<{ refused: boolean; checked: number; findings: Finding[] }> {
  const models = files.filter(({ name }) => isModel(name));
  const findings: Finding[] = [];
  let refused = false;
  for (const { name, path, content } of models) {
    const report = await client.check(name, content);
    refused ||= report.refused;
    for (const { problems } of report.findings) findings.push(...problems.map((problem) => ({ path, ...problem })));
  }
  return { refused, checked: models.length, findings };
}

/** `order.bpmn:12: error: … [duplicate-id]`, one line each. */
export function findingLines(shell: Pick<Shell, 'colour'>, findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, severity, message, elementId, rule }) => {
    const where = line > 0 ? `${path}:${line}` : path;
    const element = elementId === undefined ? '' : ` (${elementId})`;
    const name = rule === undefined ? '' : ` [${rule}]`;
    return `${printable(where)}: ${paint(shell, severity === 'error' ? 'red' : 'yellow', severity)}: ${printable(message + element)}${name}`;
  });
}
