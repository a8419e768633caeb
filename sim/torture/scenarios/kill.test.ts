/** A short run of `kill`. */
import { testShortRun } from '../short-run.ts';
import { kill } from './kill.ts';

testShortRun(kill);
