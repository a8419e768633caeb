/** A short run of `damage`. */
import { testShortRun } from '../short-run.ts';
import { damage } from './damage.ts';

testShortRun(damage);
