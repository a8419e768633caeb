/** Roof: the composition root and the command line. */
export { runProgram } from './program.ts';
export type { Setting } from './setting.ts';
export { SETTINGS } from './settings.ts';
