/** Makes a folder and those above it. Throws the error of the system where it cannot be made, or is a file. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Not by `recursive`: with it Node never returns where a file system refuses a folder with ENOENT, as /proc does. */
export function makeFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && statSync(above, { throwIfNoEntry: false }) === undefined) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}
