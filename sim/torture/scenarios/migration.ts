/** Kills the process at each write by which it brings a store of an earlier format to the present one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { openSqliteStore } from '@procos/store';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import type { Plant } from '../plants.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';
import { countCalls, storeFiles, strace, straceMissing, type Traced, WRITES } from '../strace.ts';

const FIXTURES = fileURLToPath(new URL('../../../packages/store/fixtures', import.meta.url));
const OPEN_STORE = fileURLToPath(new URL('../open-store.ts', import.meta.url));

export const migration: Scenario = {
  name: 'migration',
  does: 'kill -9 at each write by which a store of an earlier format is brought to the present one',
  rounds: { full: Number.POSITIVE_INFINITY, short: 6 },
  missing: straceMissing,
  run,
  control: { plant: 'notAtomic', rounds: 30, breaks: ['migrationGoesOn', 'migrationIsWhole'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  const folder = mkdtempSync(join(tmpdir(), 'procos-torture-migration-'));
  try {
    const points: { readonly fixture: string; readonly whole: Dump; readonly call: string; readonly count: number }[] =
      [];
    for (const fixture of readdirSync(FIXTURES).filter((name) => name.endsWith('.db.gz'))) {
      const { whole, calls } = await bringAlong(join(folder, 'whole'), fixture, plant);
      tally.acknowledged += whole['records']?.length ?? 0;
      for (const [call, times] of calls) {
        tally.figures[`${call}, ${fixture}`] = times;
        for (let count = 1; count <= times; count += 1) points.push({ fixture, whole, call, count });
      }
    }
    const wanted = Math.min(rounds, points.length);
    const first = chance.below(Math.max(1, Math.floor(points.length / wanted)));
    for (let round = 0; round < wanted; round += 1) {
      const point = points[first + Math.floor((round * points.length) / wanted)];
      if (point === undefined) break;
      const { fixture, whole, call, count } = point;
      tally.rounds += 1;
      const held = await attempt(tally, `${call} ${count} of ${fixture}`, async () => {
        const directory = lay(join(folder, 'killed'), fixture);
        await open(directory, plant, { calls: [call], inject: `signal=KILL:when=${count}` });
        goOn(directory, whole);
      });
      if (!held && plant !== 'none') break;
    }
    return tally;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rows of each table, in the order of their keys. */
type Dump = Readonly<Record<string, readonly unknown[]>>;

/** Undisturbed: what the store holds afterwards, and by how many calls. */
async function bringAlong(directory: string, fixture: string, plant: Plant) {
  const log = join(lay(directory, fixture), 'calls');
  await open(directory, plant, { calls: WRITES, log });
  return { whole: dump(directory), calls: countCalls(log) };
}

/** Whoever starts next finds a store that can be used, with all that was in it. */
function goOn(directory: string, whole: Dump): void {
  try {
    openSqliteStore({ directory }).close();
  } catch (error) {
    throw new Violation('migrationGoesOn', (error as Error).message);
  }
  const now = dump(directory);
  for (const table of new Set([...Object.keys(whole), ...Object.keys(now)]))
    if (!isDeepStrictEqual(now[table], whole[table]))
      throw new Violation('migrationIsWhole', `table ${table} is not what an undisturbed start makes of it`);
}

function lay(directory: string, fixture: string): string {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  writeFileSync(join(directory, 'procos.db'), gunzipSync(readFileSync(join(FIXTURES, fixture))));
  return directory;
}

async function open(directory: string, plant: Plant, traced: Omit<Traced, 'paths'>): Promise<void> {
  const [command = '', ...args] = strace({ ...traced, paths: storeFiles(directory) });
  const child = spawn(command, [...args, process.execPath, OPEN_STORE, directory, plant], { stdio: 'ignore' });
  await once(child, 'close');
}

function dump(directory: string): Dump {
  using database = new DatabaseSync(join(directory, 'procos.db'), { readOnly: true });
  const schema = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  const format = database.prepare('PRAGMA user_version').all();
  const tables = schema.filter(({ sql }) => String(sql).startsWith('CREATE TABLE')).map(({ name }) => String(name));
  const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all()]);
  return { schema, format, ...Object.fromEntries(rows) };
}
