/** Backups one after the other while six clients work: each is the log up to some moment, with the state that belongs to it. */
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginNewLife } from '@procos/kernel';
import { openSqliteStore, restoreSqlite, verifySqliteFile } from '@procos/store';
import { acknowledgedIsDurable, demand, Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { type Acknowledged, backUp, Client, createClients, workUntilEnded } from '../clients.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const CHUNK = 1_000;
/** Of work between two backups. */
const LONGEST_MS = 200;

export const backup: Scenario = {
  name: 'backup',
  does: 'a backup while six clients work, again and again; the last one is restored and worked on',
  rounds: { full: 50, short: 3 },
  missing: () => null,
  run,
  control: { plant: 'fileCopied', rounds: 3, breaks: ['backupIsWhole', 'acknowledgedIsInTheBackup'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  using life = new Life();
  const operator = new Client('operator', '');
  const kernel = await KernelProcess.start({ directory: life.directory, plant });
  const working = workUntilEnded(life.clients, kernel, chance);
  let longestMs = 0;
  try {
    while (tally.rounds < rounds) {
      tally.rounds += 1;
      await sleep(chance.below(LONGEST_MS));
      const name = `copy-${tally.rounds}.db`;
      const copy = join(life.directory, 'backups', name);
      const held = await attempt(tally, name, async () => {
        const promised = life.clients.flatMap(({ journal }) => journal);
        const plain = join(life.directory, 'plain.db');
        if (plant === 'fileCopied') copyFileSync(join(life.directory, 'procos.db'), plain);
        const began = performance.now();
        await backUp(operator, kernel, name);
        longestMs = Math.max(longestMs, performance.now() - began);
        if (plant === 'fileCopied') renameSync(plain, copy);
        examine(copy, life.directory, promised);
        if (tally.rounds === rounds) await workOn(copy, chance);
      });
      rmSync(copy, { force: true });
      if (!held && plant !== 'none') break;
    }
  } finally {
    await kernel.kill();
    await working;
  }
  life.examine();
  tally.acknowledged += life.acknowledged;
  tally.figures['slowest backup, ms'] = Math.round(longestMs);
  return tally;
}

/** `promised`: what was acknowledged before the backup was asked for. */
function examine(copy: string, directory: string, promised: readonly Acknowledged[]): void {
  const found = verifySqliteFile(copy, { deep: true });
  if (!found.ok) throw new Violation('backupIsWhole', found.problem);
  const folder = mkdtempSync(join(tmpdir(), 'procos-torture-copy-'));
  try {
    copyFileSync(copy, join(folder, 'procos.db'));
    const copied = openSqliteStore({ directory: folder, readOnly: true });
    const store = openSqliteStore({ directory, readOnly: true });
    const inCopy = new Set<string>();
    for (let after = 0; ; ) {
      const records = copied.records(after, CHUNK);
      const originals = store.records(after, records.length);
      for (const [index, record] of records.entries()) {
        inCopy.add(record.by.id);
        after = record.sequence;
        if (JSON.stringify(originals[index]) !== JSON.stringify(record))
          throw new Violation('backupIsAPrefix', `record ${after} is not that of the store`);
      }
      if (records.length < CHUNK) break;
    }
    copied.close();
    store.close();
    for (const { by, command, value } of promised)
      demand('acknowledgedIsInTheBackup', acknowledgedIsDurable(command.type, value, inCopy.has(by)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A system that begins with the backup brings everything in it to its end. */
async function workOn(copy: string, chance: Chance): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'procos-torture-restored-'));
  try {
    restoreSqlite({ backup: copy, directory, replace: false, label: 'torture' });
    const store = openSqliteStore({ directory });
    beginNewLife({ store, now: store.lastAt, by: { kind: 'user', id: 'torture' } });
    store.close();
    using life = new Life(directory, createClients('-again'));
    await life.finish(chance);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
