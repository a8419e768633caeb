/** Bundles on the command line: reading one, and how it is told. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Bundle,
  BundleRefused,
  declaredBy,
  readBundle,
  refuseOtherDeclaration,
  resourcesOf,
} from '@procos/kernel';
import { type PolicyRule, ruleText } from '@procos/protocol';
import type { Shell } from './shell.ts';
import { pairs, printable, size } from './text.ts';
import { EXIT, UserError } from './user-error.ts';

/** What `procos pack --verify` and `procos install --dry-run` say. */
export interface BundleReport {
  readonly name: string;
  readonly version: string;
  /** Id of the key; null: not signed. */
  readonly signer: string | null;
  readonly files: Bundle['manifest']['files'];
  readonly processes: Bundle['manifest']['processes'];
  readonly decisions: Bundle['manifest']['decisions'];
  /** The rules of policy that it proposes. */
  readonly policy: readonly PolicyRule[];
}

/** Throws `UserError` that names the file. */
export function readBytes(shell: Shell, path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(resolve(shell.workingDirectory, path));
  } catch (error) {
    throw new UserError('FILE', `${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Read whole, with signature, files, and what they declare. Throws `UserError`. */
export async function openBundle(path: string, bytes: Buffer): Promise<BundleReport> {
  return refusing(path, async () => {
    const bundle = readBundle(bytes);
    const declared = await declaredBy(resourcesOf(bundle.files));
    refuseOtherDeclaration(bundle.manifest, declared);
    const { name, version, files, processes, decisions } = bundle.manifest;
    return { name, version, signer: bundle.signer, files, processes, decisions, policy: declared.policy };
  });
}

/** What the kernel's part refuses becomes the error that a person is to read. */
export async function refusing<T>(path: string, ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BundleRefused)
      throw new UserError(error.code, `${path}: ${printable(error.message)}`, EXIT.failed);
    throw error;
  }
}

export function showBundle(shell: Shell, report: BundleReport): void {
  const { name, version, signer, files, processes, decisions, policy } = report;
  const lines: (readonly [string, string])[] = [
    ['bundle', `${name} ${version}`],
    ['signed with key', signer ?? 'none: it is not signed'],
    ...files.map(({ name: file, size: bytes, sha256 }) => ['file', `${file}  ${size(bytes)}  ${sha256}`] as const),
    ...processes.map(({ id, capabilities }) => ['process', `${id}  ${declared(capabilities)}`] as const),
    ...decisions.map(({ id }) => ['decision', id] as const),
    ...policy.map((rule) => ['proposes', ruleText(rule)] as const),
  ];
  for (const line of pairs(shell, lines)) shell.print(line);
}

function declared(capabilities: readonly string[] | null): string {
  if (capabilities === null) return 'declares nothing';
  return capabilities.length === 0 ? 'declares to use nothing' : `declares ${capabilities.join(', ')}`;
}
