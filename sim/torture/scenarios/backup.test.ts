/** A short run of `backup`. */
import { testShortRun } from '../short-run.ts';
import { backup } from './backup.ts';

testShortRun(backup);
