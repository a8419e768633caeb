/** A short run of `power-loss`. */
import { testShortRun } from '../short-run.ts';
import { powerLoss } from './power-loss.ts';

testShortRun(powerLoss);
