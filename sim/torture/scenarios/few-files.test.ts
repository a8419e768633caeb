/** A short run of `few-files`. */
import { testShortRun } from '../short-run.ts';
import { fewFiles } from './few-files.ts';

testShortRun(fewFiles);
