/** One seed from beginning to end: first with faults all the time, then without, until everything that can finish has. */

import { Chance } from '../random.ts';
import { finish } from './liveness.ts';
import { chooseModels, type ModelFile } from './models.ts';
import { type Run, Simulation } from './simulation.ts';

export async function simulate(seed: number, commands: number, files: readonly ModelFile[]): Promise<Run> {
  const simulation = new Simulation(seed, await chooseModels(files, new Chance(-seed)));
  try {
    await simulation.endure(commands);
    if (simulation.failure === null) {
      simulation.look();
      await finish(simulation);
      if (simulation.failure === null) simulation.verify();
    }
  } catch (error) {
    simulation.fail(error);
  }
  return simulation.result();
}
