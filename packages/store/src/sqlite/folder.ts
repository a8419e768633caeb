/** Makes a folder and those above it. Throws the error of the system where it cannot be made, a `StoreRefusal` where it is a file. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreRefusal } from '../contract.ts';

/** Not by `recursive`: with it Node never returns where a file system refuses a folder with ENOENT, as /proc does. */
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
