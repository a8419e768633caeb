/** The list of scenarios. */
import type { Scenario } from './scenario.ts';
import { kill } from './scenarios/kill.ts';

export const SCENARIOS: readonly Scenario[] = [kill];
