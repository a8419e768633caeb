/** A few seeds of the simulated kernel: nothing breaks, the same seed is the same run, and planted faults are found. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { hunt } from './hunt.ts';
import { catalog } from './models.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulate.ts';

const SEEDS = Number(process.env['PROCOS_SIM_SEEDS'] ?? 4);
const COMMANDS = 500;

describe('the simulated kernel', () => {
  it('keeps every promise while disk, clock, network and clients fail, and finishes what it can when they stop', async () => {
    const models = catalog();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { failure, commands } = await simulate(seed, COMMANDS, models);
      assert.equal(failure, null, JSON.stringify(failure, null, 2));
      assert.ok(commands >= COMMANDS, `seed ${seed} gave only ${commands} commands`);
    }
  });

  it('is the same run for the same seed', async () => {
    const models = catalog();
    const [one, two] = [await simulate(4, 200, models), await simulate(4, 200, models)];
    assert.equal(one.hash, two.hash);
    assert.notEqual(one.hash, (await simulate(5, 200, models)).hash);
  });
});

/** One of each floor, and the disk that lies. */
const CONTROLS = [
  'a command is answered though the commit failed',
  'the disk says that it has synced, and has not',
  'a stale fencing token is accepted',
];

describe('the simulator finds planted faults', () => {
  for (const name of CONTROLS) {
    it(name, async () => {
      const mutant = MUTANTS.find((one) => one.name === name);
      assert.ok(mutant !== undefined);
      const { seeds } = await hunt(mutant, { seeds: 20, commands: 1_000 });
      assert.notEqual(seeds, null, 'not found in 20 seeds');
    });
  }

  it('every planted fault is still to be planted', async () => {
    for (const { name, file, find } of MUTANTS) {
      const source = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
      assert.equal(source.split(find).length, 2, `${name}: "${find}" is not exactly once in ${file}`);
    }
  });
});
