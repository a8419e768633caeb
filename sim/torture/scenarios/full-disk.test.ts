/** A short run of `full-disk`. */
import { testShortRun } from '../short-run.ts';
import { fullDisk } from './full-disk.ts';

testShortRun(fullDisk);
