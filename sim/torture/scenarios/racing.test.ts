/** A short run of `racing`. */
import { testShortRun } from '../short-run.ts';
import { racing } from './racing.ts';

testShortRun(racing);
