/** The list of scenarios. */
import type { Scenario } from './scenario.ts';
import { backup } from './scenarios/backup.ts';
import { damage } from './scenarios/damage.ts';
import { everyWrite } from './scenarios/every-write.ts';
import { failingDisk } from './scenarios/failing-disk.ts';
import { fullDisk } from './scenarios/full-disk.ts';
import { kill } from './scenarios/kill.ts';
import { migration } from './scenarios/migration.ts';
import { powerLoss } from './scenarios/power-loss.ts';

export const SCENARIOS: readonly Scenario[] = [
  kill,
  everyWrite,
  migration,
  damage,
  powerLoss,
  fullDisk,
  failingDisk,
  backup,
];
