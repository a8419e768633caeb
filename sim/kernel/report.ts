/** Writes docs/simulation.md from a hunt of all planted faults and a run without any. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Catch, hunt } from './hunt.ts';
import { MUTANTS } from './mutants.ts';

export interface HuntOptions {
  /** At most, for each planted fault. */
  readonly seeds: number;
  /** For each seed. */
  readonly commands: number;
  /** Seeds without a planted fault. */
  readonly clean: number;
  /** Processes at a time. */
  readonly jobs: number;
}

export async function huntAll(options: HuntOptions): Promise<{ readonly text: string; readonly missed: number }> {
  const { seeds, commands, jobs } = options;
  const results = new Map<string, Catch>();
  const open = [...MUTANTS];
  async function hunter(): Promise<void> {
    for (let mutant = open.shift(); mutant !== undefined; mutant = open.shift()) {
      const found = await hunt(mutant, { seeds, commands });
      console.log(`${found.seeds ?? 'NOT FOUND'}\t${found.invariant}\t${mutant.name}`);
      results.set(mutant.name, found);
    }
  }
  const hunters = Array.from({ length: jobs }, hunter);
  const [clean] = await Promise.all([cleanRun(options), ...hunters]);
  const rows = MUTANTS.map(({ name, file }) => {
    const found = results.get(name);
    return `| ${name} | \`${file.replace(/^packages\/(\w+)\/src\//, '$1/')}\` | ${found?.seeds ?? 'not found'} | \`${found?.invariant}\` |`;
  });
  const missed = [...results.values()].filter((found) => found.seeds === null).length;
  const template = readFileSync(new URL('simulation.template.md', import.meta.url), 'utf8');
  const text = template
    .replace('{{date}}', new Date().toISOString().slice(0, 10))
    .replace('{{clean}}', clean)
    .replace('{{caught}}', `${MUTANTS.length - missed} of ${MUTANTS.length}`)
    .replace('{{seeds}}', String(seeds))
    .replaceAll('{{commands}}', String(commands))
    .replace('{{command}}', `npm run sim -- --mutants --count ${seeds} --commands ${commands} --clean ${options.clean}`)
    .replace('{{rows}}', rows.join('\n'));
  return { text, missed };
}

async function cleanRun({ clean, commands }: HuntOptions): Promise<string> {
  const run = fileURLToPath(new URL('run.ts', import.meta.url));
  const args = [run, '--seed', '1', '--count', String(clean), '--commands', String(commands)];
  // It ends with 1 when a seed broke: its last line says so.
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return stdout.trim().split('\n').at(-1) ?? '';
}
