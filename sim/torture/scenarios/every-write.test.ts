/** A short run of `every-write`. */
import { testShortRun } from '../short-run.ts';
import { everyWrite } from './every-write.ts';

testShortRun(everyWrite);
