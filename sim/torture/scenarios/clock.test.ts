/** A short run of `clock`. */
import { testShortRun } from '../short-run.ts';
import { clock } from './clock.ts';

testShortRun(clock);
