/** The list of scenarios. */
import type { Scenario } from './scenario.ts';
import { backup } from './scenarios/backup.ts';
import { clock } from './scenarios/clock.ts';
import { damage } from './scenarios/damage.ts';
import { everyWrite } from './scenarios/every-write.ts';
import { failingDisk } from './scenarios/failing-disk.ts';
import { fewFiles } from './scenarios/few-files.ts';
import { fullDisk } from './scenarios/full-disk.ts';
import { kill } from './scenarios/kill.ts';
import { migration } from './scenarios/migration.ts';
import { outOfMemory } from './scenarios/out-of-memory.ts';
import { partition } from './scenarios/partition.ts';
import { powerLoss } from './scenarios/power-loss.ts';
import { racing } from './scenarios/racing.ts';
import { workerDeath } from './scenarios/worker-death.ts';
import { zombie } from './scenarios/zombie.ts';

export const SCENARIOS: readonly Scenario[] = [
  kill,
  everyWrite,
  migration,
  damage,
  powerLoss,
  outOfMemory,
  fullDisk,
  fewFiles,
  failingDisk,
  backup,
  zombie,
  workerDeath,
  racing,
  partition,
  clock,
];
