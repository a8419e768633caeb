/** A short run of `out-of-memory`. */
import { testShortRun } from '../short-run.ts';
import { outOfMemory } from './out-of-memory.ts';

testShortRun(outOfMemory);
