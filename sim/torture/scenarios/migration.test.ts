/** A short run of `migration`. */
import { testShortRun } from '../short-run.ts';
import { migration } from './migration.ts';

testShortRun(migration);
