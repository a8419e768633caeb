/** A short run of `worker-death`. */
import { testShortRun } from '../short-run.ts';
import { workerDeath } from './worker-death.ts';

testShortRun(workerDeath);
