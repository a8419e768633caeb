/** How backups are called; who calls one otherwise is told before a process starts that could only stand in an incident. */
import type { Command } from '@procos/engine';
import { startValue } from '../policy/reserved.ts';

/** One file of the folder, never a path: requests come from users. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.db$/;
/** Processes as shipped whose variable `file` is the name of a backup. */
const TAKE_A_NAME: ReadonlySet<unknown> = new Set([
  'procos_system_backup',
  'procos_system_restore',
  'procos_system_restore_rehearsal',
]);

export function isBackupName(value: unknown): value is string {
  return typeof value === 'string' && FILE_NAME.test(value);
}

export function backupNameProblem(value: unknown): string {
  return `file must be the name of a file ending in .db, of letters, digits, dots, dashes and underscores, without a folder; it is ${JSON.stringify(value)}.`;
}

/** What is wrong with the name that a process of the system is to be started with; undefined: nothing, or it is given none. */
export function startProblem(process: unknown, command: Command): string | undefined {
  if (!TAKE_A_NAME.has(process)) return undefined;
  const given = startValue(command, 'file') ?? undefined;
  return given === undefined || isBackupName(given) ? undefined : backupNameProblem(given);
}
