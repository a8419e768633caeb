/** A short run of `zombie`. */
import { testShortRun } from '../short-run.ts';
import { zombie } from './zombie.ts';

testShortRun(zombie);
