/** Hunts one planted fault: a process of its own runs seeds with the mutant in place until one of them breaks. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const MUTATION = new URL('mutation.ts', import.meta.url).href;

/** A run that takes longer does not end: a seed takes a second or two. */
const ENDLESS_MS = 120_000;

export interface Catch {
  readonly mutant: string;
  /** How many seeds it took; null: not found. */
  readonly seeds: number | null;
  readonly invariant: string;
  readonly tookMs: number;
}

export async function hunt(
  mutant: Mutant,
  options: { readonly seeds: number; readonly commands: number },
): Promise<Catch> {
  const began = performance.now();
  const args = ['--import', MUTATION, RUN, '--until-broken', '--seed', '1'];
  args.push('--count', String(options.seeds), '--commands', String(options.commands));
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PROCOS_MUTANT: mutant.name },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let patience: NodeJS.Timeout | undefined;
  let endless = false;
  // Each seed says that it begins.
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
    clearTimeout(patience);
    patience = setTimeout(() => {
      endless = true;
      child.kill('SIGKILL');
    }, ENDLESS_MS);
  });
  child.stderr.on('data', (chunk) => {
    text += String(chunk);
  });
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
  clearTimeout(patience);
  const found = /^seed (\d+), step \d+, (\w+)/m.exec(text);
  const tookMs = performance.now() - began;
  if (found !== null) return { mutant: mutant.name, seeds: Number(found[1]), invariant: found[2] ?? '', tookMs };
  if (endless) {
    const seeds = Number([...text.matchAll(/^seed (\d+) begins/gm)].at(-1)?.[1]);
    return { mutant: mutant.name, seeds, invariant: 'stepsEnd', tookMs };
  }
  if (!/^\d+ seeds, /m.test(text)) throw new Error(`The hunt for "${mutant.name}" failed:\n${text}`);
  return { mutant: mutant.name, seeds: null, invariant: 'not found', tookMs };
}
