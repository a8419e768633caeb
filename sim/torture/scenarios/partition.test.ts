/** A short run of `partition`. */
import { testShortRun } from '../short-run.ts';
import { partition } from './partition.ts';

testShortRun(partition);
