/** The list of scenarios. */
import type { Scenario } from './scenario.ts';
import { damage } from './scenarios/damage.ts';
import { everyWrite } from './scenarios/every-write.ts';
import { kill } from './scenarios/kill.ts';
import { migration } from './scenarios/migration.ts';

export const SCENARIOS: readonly Scenario[] = [kill, everyWrite, migration, damage];
