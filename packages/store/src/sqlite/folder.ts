/** Folders and what is in them, as the file system has it. */
import { lstatSync, mkdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreRefusal } from '../contract.ts';

/**
 * Makes a folder and those above it. Throws the error of the system where it cannot be made, a `StoreRefusal` where it is a file.
 * Not by `recursive`: with it Node never returns where a file system refuses a folder with ENOENT, as /proc does.
 */
export function makeFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && statSync(above, { throwIfNoEntry: false }) === undefined) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (statSync(path).isDirectory()) return;
    throw new StoreRefusal(
      'UNWRITABLE',
      `${path} is a file, not a folder. Move it away, or choose another data folder.`,
    );
  }
}

/** Where a link to a file leads, also to one that is still to be made; anything else is where it is. */
export function realFile(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return resolve(realpathSync(dirname(path)), readlinkSync(path));
  }
}
