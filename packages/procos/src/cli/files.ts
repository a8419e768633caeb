/** Model files given on the command line, and what the deploy check says about them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ProcosClient } from '@procos/client';
import { type CheckReport, encodingOf, type ProblemRow } from '@procos/protocol';
import type { Shell } from './shell.ts';
import { paint, printable } from './text.ts';
import { UserError } from './user-error.ts';

export interface ModelFile {
  readonly name: string;
  /** As the person wrote it, for messages. */
  readonly path: string;
  /** Its text, whatever its encoding. */
  readonly content: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

/** Of a folder its .bpmn, .form and .dmn files. */
export function readModels(shell: Shell, paths: readonly string[]): ModelFile[] {
  return paths
    .flatMap((path) => modelsIn(shell, path) ?? [path])
    .map((path) => {
      try {
        const bytes = readFileSync(resolve(shell.workingDirectory, path));
        const content = new TextDecoder(encodingOf(bytes), { ignoreBOM: true }).decode(bytes);
        return { name: basename(path), path, content, bytes };
      } catch (error) {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
        throw new UserError('FILE', `${path}: ${why}.`);
      }
    });
}

/**
 * What `run` deploys for a path: the .bpmn file with the .form and .dmn files beside it, or all of these of a folder.
 * Undefined when there is nothing at that path.
 */
export function findModels(shell: Shell, path: string): string[] | undefined {
  const absolute = resolve(shell.workingDirectory, path);
  if (!existsSync(absolute)) return undefined;
  return modelsIn(shell, path) ?? [path, ...siblings(dirname(absolute), dirname(path), isCompanion)];
}

/** Undefined: it is no folder. */
function modelsIn(shell: Shell, path: string): string[] | undefined {
  const absolute = resolve(shell.workingDirectory, path);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const models = siblings(absolute, path, isModel);
  if (models.length === 0) throw new UserError('FILE', `${path}: this folder holds no .bpmn file.`);
  return [...models, ...siblings(absolute, path, isCompanion)];
}

function siblings(folder: string, shown: string, wanted: (name: string) => boolean): string[] {
  const names = readdirSync(folder).filter(wanted).sort();
  return names.map((name) => join(shown, name));
}

/** A file of processes. */
export function isModel(name: string): boolean {
  return /\.bpmn(20\.xml)?$/i.test(name);
}

export function isDecisionFile(name: string): boolean {
  return /\.dmn$/i.test(name);
}

/** What goes along with the models beside it. */
function isCompanion(name: string): boolean {
  return /\.form$/i.test(name) || isDecisionFile(name);
}

/** A problem of a model, with the path that the person gave. */
export interface Finding extends Pick<ProblemRow, 'severity' | 'message' | 'elementId' | 'line'> {
  readonly path: string;
  readonly rule?: string;
}

/** What the server thinks of files of processes and decisions; other files are not checked. */
export interface Checked {
  readonly refused: boolean;
  /** How many files were checked. */
  readonly checked: number;
  readonly findings: readonly Finding[];
  readonly defines: CheckReport['defines'];
}

/** Each file of processes is checked by itself; those of decisions together, since they may import each other. */
export async function checkModels(client: ProcosClient, files: readonly ModelFile[]): Promise<Checked> {
  const models = files.filter(({ name }) => isModel(name));
  const decisions = files.filter(({ name }) => isDecisionFile(name));
  const together = [...models.map((file) => [file]), ...(decisions.length > 0 ? [decisions] : [])];
  const findings: Finding[] = [];
  const defines: CheckReport['defines'][number][] = [];
  let refused = false;
  for (const group of together) {
    const report = await client.check(group.map(({ name, content }) => ({ name, content })));
    refused ||= report.refused;
    defines.push(...report.defines);
    for (const { resource, problems } of report.findings) {
      const path = group.find(({ name }) => name === resource)?.path ?? resource;
      findings.push(...problems.map((problem) => ({ path, ...problem })));
    }
  }
  return { refused, checked: models.length + decisions.length, findings, defines };
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
