/** The data folder of commands that work on files: the same that `procos start` would use. */
import { readSettings } from '../settings.ts';
import type { Shell } from './shell.ts';

/** Absolute path. Throws `UserError` when a setting is wrong. */
export function dataFolder(shell: Shell, given: string | undefined): string {
  const { environment, workingDirectory } = shell;
  return readSettings({ flags: { data: given }, environment, workingDirectory }).data;
}
