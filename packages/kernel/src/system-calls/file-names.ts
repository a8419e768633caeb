/** How backups and snapshots are called; who calls one otherwise is told before a process starts that could only stand in an incident. */
import type { Command } from '@procos/engine';
import { startValue } from '../policy/reserved.ts';

export type FileKind = '.db' | '.snapshot';

const BACKUP = 'procos_system_backup';

/** Processes as shipped whose variable `file` is the name of one. */
const TAKE_A_NAME: Readonly<Record<string, FileKind>> = {
  [BACKUP]: '.db',
  procos_system_restore: '.db',
  procos_system_restore_rehearsal: '.db',
  procos_system_snapshot_export: '.snapshot',
  procos_system_snapshot_import: '.snapshot',
  procos_system_snapshot_validate: '.snapshot',
};

/** Without its ending: a file system has room for what a copy is called on its way. */
const LONGEST = 121;

/** One file of the folder, never a path: requests come from users. */
export function isFileName(value: unknown, kind: FileKind): value is string {
  return (
    typeof value === 'string' &&
    value.length - kind.length <= LONGEST &&
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value.slice(0, -kind.length)) &&
    value.endsWith(kind)
  );
}

export function nameProblem(value: unknown, kind: FileKind): string {
  if (typeof value === 'string' && value.length - kind.length > LONGEST)
    return `file must be a name of at most ${LONGEST} characters before its ${kind}; it has ${value.length - kind.length}.`;
  return `file must be the name of a file ending in ${kind}, of letters, digits, dots, dashes and underscores, the first a letter or digit, without a folder; it is ${JSON.stringify(value)}.`;
}

/** What is wrong with the name that a process of the system is to be started with; undefined: nothing, or it is given none. `isTaken`: by a backup. */
export function startProblem(
  process: unknown,
  command: Command,
  isTaken: (name: string) => boolean,
): string | undefined {
  const kind = Object.hasOwn(TAKE_A_NAME, String(process)) ? TAKE_A_NAME[String(process)] : undefined;
  if (kind === undefined) return undefined;
  const given = startValue(command, 'file') ?? undefined;
  if (given === undefined) return undefined;
  if (!isFileName(given, kind)) return nameProblem(given, kind);
  if (process !== BACKUP || !isTaken(given)) return undefined;
  return `There is a backup ${given} already. Choose another name for this one.`;
}
