/** A short run of `failing-disk`. */
import { testShortRun } from '../short-run.ts';
import { failingDisk } from './failing-disk.ts';

testShortRun(failingDisk);
